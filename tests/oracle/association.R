# Oracle for correlations of change, slopes, reliability, pooling and wave means. Writes association.json.
# Rscript tests/oracle/association.R   (R 4.2.2, effectsize 0.8.3, psych, sandwich, boot, mice, lme4, jsonlite)
suppressMessages({library(effectsize); library(psych); library(sandwich); library(boot); library(mice); library(lme4); library(jsonlite)})
set.seed(4)
n <- 40
f <- rnorm(n); x <- round(10 * f + rnorm(n, -5, 6), 1); y <- round(8 * f + rnorm(n, -8, 9), 1); z <- round(4 * f + rnorm(n, -3, 11), 1)
x0 <- round(rnorm(n, 65, 15) - .2 * x, 1); y0 <- round(rnorm(n, 60, 15) - .2 * y, 1)

fit <- lm(y ~ x + x0 + y0); se <- sqrt(diag(vcovHC(fit, type = "HC3")))["x"]; b <- unname(coef(fit)["x"])
# Freedman-Lane with the HC3 t as the statistic, written out with lm and sandwich.
reduced <- lm(y ~ x0 + y0); R <- 1999
hc3_t <- function(outcome) { m <- lm(outcome ~ x + x0 + y0); coef(m)["x"] / sqrt(vcovHC(m, type = "HC3")["x", "x"]) }
flip <- replicate(R, hc3_t(fitted(reduced) + sample(resid(reduced))))
weak <- lm(z ~ x + x0 + y0); weak_reduced <- lm(z ~ x0 + y0)
weak_t <- function(o) { m <- lm(o ~ x + x0 + y0); coef(m)["x"] / sqrt(vcovHC(m, type = "HC3")["x", "x"]) }
weak_flip <- replicate(R, weak_t(fitted(weak_reduced) + sample(resid(weak_reduced))))
bca <- boot.ci(boot(cbind(x, y), function(d, i) cor(d[i, 1], d[i, 2]), R = 20000), type = "bca")$bca[4:5]
perm <- replicate(20000, cor(x, sample(y)))
rxy <- cor(x, y); rxz <- cor(x, z); ryz <- cor(y, z)
# Variables 1 and 3 are the same one. Steiger pools the two correlations wherever they enter the covariance; psych only
# where they are r12 and r34, so the pooled one is given for r23 and r14.
pooled_r <- (rxy + rxz) / 2
steiger <- r.test(n, r12 = rxy, r34 = rxz, r23 = pooled_r, r13 = 1, r14 = pooled_r, r24 = ryz)
pearson <- cor.test(x, y); spearman <- suppressWarnings(cor.test(x, y, method = "spearman"))

feldt <- function(a, n, k) 1 - (1 - a) * qf(c(.975, .025), n - 1, (n - 1) * (k - 1))
alpha_attitude <- psych::alpha(attitude, warnings = FALSE)$total$raw_alpha

# Rubin's rules with the degrees of freedom of Barnard and Rubin.
q <- c(-4.1, -3.2, -5.0, -4.4, -3.9); u <- c(2.1, 2.3, 1.9, 2.2, 2.0)
pooled <- pool.scalar(q, u, n = 48, k = 1)

# Disattenuation, written out: three items a scale at two waves, the same people.
g <- rnorm(n); items <- function(level) sapply(1:3, function(i) round(pmin(pmax(level + rnorm(n, 0, 1.2), 0), 10)))
p0 <- rnorm(n, 6.5, 1.5); q0 <- rnorm(n, 6, 1.5)
A0 <- items(p0); A1 <- items(p0 + 1.5 * g); B0 <- items(q0); B1 <- items(q0 + g + rnorm(n, 0, 1))
reliability_of_change <- function(a, b) {
  al <- function(m) psych::alpha(m, warnings = FALSE)$total$raw_alpha
  1 - (var(rowMeans(a)) * (1 - al(a)) + var(rowMeans(b)) * (1 - al(b))) / var(rowMeans(b) - rowMeans(a))
}
ra <- reliability_of_change(A0, A1); rb <- reliability_of_change(B0, B1)
rd <- cor(rowMeans(A1) - rowMeans(A0), rowMeans(B1) - rowMeans(B0))

# Three waves with people leaving: fixed effects of lme4.
m <- 40; own <- rnorm(m, 0, 14)
panel <- data.frame(id = rep(1:m, 3), wave = factor(rep(1:3, each = m)), age = rep(round(rnorm(m, 40, 10)), 3))
panel$y <- round(62 + rep(own, 3) + c(0, -10, -8)[panel$wave] + .2 * (panel$age - 40) + rnorm(3 * m, 0, 9), 2)
panel$y[panel$wave == 2 & panel$id > 32] <- NA; panel$y[panel$wave == 3 & panel$id > 28] <- NA
plain <- lmer(y ~ wave + (1 | id), panel); adjusted <- lmer(y ~ wave + age + (1 | id), panel)
means <- lmer(y ~ 0 + wave + (1 | id), panel)
fixed <- function(m) list(beta = unname(fixef(m)), se = unname(sqrt(diag(as.matrix(vcov(m))))))

# Two groups of unequal size and spread.
s1 <- round(rnorm(60, 70, 16), 1); s2 <- round(rnorm(18, 62, 11), 1)
w <- t.test(s1, s2); hg <- effectsize::hedges_g(s1, s2); cd <- effectsize::cliffs_delta(s1, s2)

writeLines(toJSON(list(
  groups = list(a = s1, b = s2, difference = unname(-diff(w$estimate)), se = w$stderr, df = unname(w$parameter), t = unname(w$statistic), p = w$p.value, ci = w$conf.int[1:2],
    g = hg$Hedges_g, g_ci = c(hg$CI_low, hg$CI_high), delta = cd$r_rank_biserial, ranks_p = suppressWarnings(wilcox.test(s1, s2, exact = FALSE, correct = FALSE)$p.value)),
  x = x, y = y, z = z, x0 = x0, y0 = y0,
  pearson = list(r = rxy, t = unname(pearson$statistic), p = pearson$p.value, ci = pearson$conf.int[1:2], permutation_p = (sum(abs(perm) >= abs(rxy) - 1e-12) + 1) / 20001, bca = bca),
  spearman = unname(spearman$estimate),
  slope = list(b = b, hc3 = unname(se), df = fit$df.residual, cooks = unname(cooks.distance(fit)), freedman_lane = (sum(abs(flip) >= abs(b / se)) + 1) / (R + 1)),
  weak_slope = list(b = unname(coef(weak)["x"]), freedman_lane = (sum(abs(weak_flip) >= abs(weak_t(z))) + 1) / (R + 1)),
  steiger = list(r_xy = rxy, r_xz = rxz, r_yz = ryz, n = n, z = steiger$z, p = steiger$p),
  alpha = list(items = as.matrix(attitude), alpha = alpha_attitude, feldt = feldt(alpha_attitude, nrow(attitude), 7)),
  rubin = list(q = q, u = u, df_complete = 47, estimate = pooled$qbar, variance = pooled$t, df = pooled$df),
  disattenuation = list(a0 = A0, a1 = A1, b0 = B0, b1 = B1, rel_a = ra, rel_b = rb, r = rd, corrected = rd / sqrt(ra * rb)),
  mixed = list(id = panel$id, wave = as.integer(panel$wave), age = panel$age, y = panel$y, plain = fixed(plain), adjusted = fixed(adjusted), means = fixed(means))
), digits = 15, auto_unbox = TRUE, pretty = TRUE, na = "null"), "tests/oracle/association.json")
