# Oracle for the within-between model, moderation, correlations at the start and paths. Writes mechanism.json.
# Rscript tests/oracle/mechanism.R   (R 4.2.2, lme4 1.1-31, pbkrtest 0.5.2, sandwich, emmeans, jsonlite)
suppressMessages({library(lme4); library(pbkrtest); library(sandwich); library(emmeans); library(jsonlite)})
tight <- lmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-12, xtol_rel = 1e-12, ftol_rel = 1e-12))
set.seed(11)

# Within and between: 45 people, 4 waves, dropout and gaps in either score.
n <- 45; W <- 4
u <- rnorm(n, 0, 10); px <- rnorm(n, 0, 12)
long <- expand.grid(id = 1:n, wave = 1:W)
long$x <- round(60 + px[long$id] - 3 * (long$wave - 1) + rnorm(n * W, 0, 9), 1)
long$y <- round(55 + u[long$id] + .3 * px[long$id] - 4 * (long$wave - 1) + .45 * (long$x - 60 - px[long$id]) + rnorm(n * W, 0, 8), 1)
gone <- runif(n * W) < .15 & long$wave > 1
long$x[gone] <- NA; long$y[runif(n * W) < .05] <- NA
wide <- function(v) unname(lapply(1:n, function(i) long[[v]][long$id == i]))
d <- na.omit(long)
d$mean <- ave(d$x, d$id); d$within <- d$x - d$mean; d$wave <- factor(d$wave)
m <- lmer(y ~ wave + mean + within + (1 | id), d, control = tight)
V <- as.matrix(vcovAdj(m))
kr <- function(L) {
  k <- KRmodcomp(m, matrix(L, 1)); est <- sum(L * fixef(m)); se <- sqrt(c(t(L) %*% V %*% L))
  list(estimate = est, se = se, df = k$stats$ddf, p = k$stats$p.value)
}
rewb <- list(within = kr(c(0, 0, 0, 0, 0, 1)), between = kr(c(0, 0, 0, 0, 1, 0)), contextual = kr(c(0, 0, 0, 0, 1, -1)),
             n = length(unique(d$id)), observations = nrow(d))
twice <- d[ave(d$x, d$id, FUN = length) >= 2, ]
twice$id <- factor(twice$id)
fe <- lm(y ~ x + wave + id, twice)
G <- nlevels(twice$id)
cr <- sqrt(vcovCL(fe, cluster = ~id, type = "HC0", cadjust = FALSE)["x", "x"] * G / (G - 1))
rx <- resid(lm(x ~ wave + id, twice)); ry <- resid(lm(y ~ wave + id, twice))
fixed <- list(slope = unname(coef(fe)["x"]), se = cr, r = cor(rx, ry), df = df.residual(fe), people = G)

# Moderation on two complete waves: the interaction is the slope of the change on the condition.
k <- 50
cond <- round(rnorm(k, 60, 18), 1); s <- round(rnorm(k, 65, 14), 1); e <- round(s - 8 + .25 * (cond - 60) + rnorm(k, 0, 12), 1)
z <- as.numeric(scale(cond)); change <- e - s
fit <- lm(change ~ z); co <- summary(fit)$coefficients
at <- summary(emmeans(fit, ~z, at = list(z = c(-1, 0, 1))), infer = TRUE)
# Johnson and Neyman: (b0 + b1 z)^2 = t^2 var, a quadratic in z.
C <- vcov(fit); t2 <- qt(.975, k - 2)^2; b <- coef(fit)
roots <- polyroot(c(b[1]^2 - t2 * C[1, 1], 2 * (b[1] * b[2] - t2 * C[1, 2]), b[2]^2 - t2 * C[2, 2]))
jn <- sort(Re(roots[abs(Im(roots)) < 1e-8])) * sd(cond) + mean(cond)
# And on three waves with dropout under compound symmetry (a random intercept that is not at its boundary).
third <- round(s - 6 + .1 * (cond - 60) + rnorm(k, 0, 12), 1); e3 <- e; e3[1:6] <- NA; third[c(1:6, 20:24)] <- NA
md <- data.frame(id = rep(1:k, 3), wave = factor(rep(1:3, each = k)), z = rep(z, 3), y = c(s, e3, third))
mm <- lmer(y ~ wave * z + (1 | id), md, control = tight)
L <- matrix(c(0, 0, 0, 0, 0, 1), 1); kk <- KRmodcomp(mm, L)
moderation <- list(condition = cond, start = s, end = e, end3 = e3, third = third,
  interaction = list(estimate = co["z", 1], se = co["z", 2], df = k - 2, p = co["z", 4]),
  at = list(change = at$emmean, se = at$SE, low = at$lower.CL, high = at$upper.CL), boundaries = jn,
  hc3 = sqrt(vcovHC(fit, type = "HC3")["z", "z"]),
  three = list(estimate = unname(fixef(mm)[6]), se = sqrt(as.matrix(vcovAdj(mm))[6, 6]), df = kk$stats$ddf, p = kk$stats$p.value))

# Ranks at the start, two groups.
g <- rep(c("in", "out"), c(40, 17)); a <- round(rnorm(57, ifelse(g == "in", 65, 50), 12) / 5) * 5
h <- round((.5 * a + rnorm(57, ifelse(g == "in", 30, 22), 11)) / 5) * 5
rho <- function(i) unname(suppressWarnings(cor.test(a[i], h[i], method = "spearman")$estimate))
bw <- function(r, df) tanh(atanh(r) + c(-1, 1) * qnorm(.975) * sqrt((1 + r^2 / 2) / (df - 1)))
partial <- cor(resid(lm(rank(a) ~ g)), resid(lm(rank(h) ~ g)))
ranks <- list(a = a, b = h, group = g, within = rho(g == "in"), everybody = rho(rep(TRUE, 57)), other = rho(g == "out"), adjusted = partial,
  within_ci = bw(rho(g == "in"), 38), adjusted_ci = bw(partial, 54))

# A path over three waves.
q <- 150
p0 <- rnorm(q, 50, 10); m0 <- rnorm(q, 50, 10); m1 <- .4 * m0 + .3 * p0 + rnorm(q, 0, 8); y1 <- rnorm(q, 50, 10) + .2 * m1; y2 <- .5 * y1 + .35 * m1 + rnorm(q, 0, 8)
pa <- coef(lm(m1 ~ p0 + m0))["p0"]; second <- coef(lm(y2 ~ m1 + p0 + y1))
set.seed(5)
ind <- replicate(4000, {i <- sample(q, replace = TRUE)
  unname(coef(lm.fit(cbind(1, p0, m0)[i, ], m1[i]))[2] * coef(lm.fit(cbind(1, m1, p0, y1)[i, ], y2[i]))[2])})
path <- list(rows = unname(as.list(as.data.frame(t(cbind(p0, m0, m1, y1, y2))))), a = unname(pa), b = unname(second["m1"]), direct = unname(second["p0"]),
  interval = unname(quantile(ind, c(.025, .975))))

write_json(list(long = list(x = wide("x"), y = wide("y")), rewb = rewb, fixed = fixed, moderation = moderation, ranks = ranks, path = path),
  "tests/oracle/mechanism.json", digits = NA, auto_unbox = TRUE, na = "null")
