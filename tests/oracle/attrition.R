# Oracle for weights, balance, difference-in-differences and ordered regression. Writes attrition.json.
# Rscript tests/oracle/attrition.R   (R 4.2.2, survey 4.1, nlme, MASS, jsonlite)
suppressMessages({library(survey); library(nlme); library(MASS); library(jsonlite)})
set.seed(12)
n <- 34
change <- round(rnorm(n, -7, 14), 1); w <- round(runif(n, .6, 2.4), 3)
weighted <- svymean(~change, svydesign(ids = ~1, weights = ~w, data = data.frame(change, w)))

# Bonett (2008), formula 3, written out: the interval of a standardised difference without equal variances.
bonett <- function(a, b, va = var(a), vb = var(b)) {
  s2 <- (va + vb) / 2; d <- (mean(a) - mean(b)) / sqrt(s2)
  v <- d^2 / (8 * s2^2) * (va^2 / (length(a) - 1) + vb^2 / (length(b) - 1)) + (va / (length(a) - 1) + vb / (length(b) - 1)) / s2
  c(d, d + c(-1, 1) * qnorm(.975) * sqrt(v))
}
a <- round(rnorm(41, 68, 15), 1); b <- round(rnorm(19, 60, 11), 1)
fa <- rbinom(41, 1, .4); fb <- rbinom(19, 1, .7)

# Two groups at two waves, some gone at the second.
id <- 1:60; group <- rep(c(1, 0), c(42, 18)); base <- rnorm(60, 60, 12)
y1 <- round(base + rnorm(60, 0, 7), 1); y2 <- round(base - 4 - 6 * group + rnorm(60, 0, 9), 1)
y2[c(3, 9, 14, 22, 30, 41, 45, 58)] <- NA
long <- data.frame(id = rep(id, 2), group = rep(group, 2), wave = rep(0:1, each = 60), y = c(y1, y2))
un <- gls(y ~ wave * group, na.omit(long), correlation = corSymm(form = ~ 1 | id), weights = varIdent(form = ~ 1 | wave),
          control = glsControl(tolerance = 1e-12, msTol = 1e-12))
mixed <- summary(un)$tTable["wave:group", ]      # estimate, standard error; gls has no Kenward-Roger df
full <- !is.na(y2)
pooled <- t.test((y2 - y1)[full & group == 1], (y2 - y1)[full & group == 0], var.equal = TRUE)
welch <- t.test((y2 - y1)[full & group == 1], (y2 - y1)[full & group == 0])

# Proportional odds.
x <- round(rnorm(70), 2); z <- rbinom(70, 1, .5)
level <- cut(1.1 * x + .5 * z + rlogis(70), c(-Inf, -2, -.7, .4, 1.9, Inf), labels = FALSE)
both <- polr(factor(level) ~ x + z, Hess = TRUE, control = list(reltol = 1e-14)); one <- polr(factor(level) ~ x, Hess = TRUE, control = list(reltol = 1e-14))
null <- polr(factor(level) ~ 1, Hess = TRUE)
of <- function(m) list(coef = unname(coef(m)), se = unname(sqrt(diag(vcov(m)))[seq_along(coef(m))]), cuts = unname(m$zeta), loglik = as.numeric(logLik(m)))
profile_x <- suppressMessages(confint(one))

writeLines(toJSON(list(
  weighted = list(change = change, w = w, mean = unname(coef(weighted)), se = as.numeric(SE(weighted))),
  smd = list(a = a, b = b, d = bonett(a, b), fa = fa, fb = fb, share = bonett(fa, fb, mean(fa) * (1 - mean(fa)), mean(fb) * (1 - mean(fb)))),
  did = list(group = group, y1 = y1, y2 = y2, mixed = unname(mixed), pooled = list(estimate = unname(-diff(pooled$estimate)), se = pooled$stderr, df = unname(pooled$parameter), p = pooled$p.value),
             welch = list(estimate = unname(-diff(welch$estimate)), se = welch$stderr, df = unname(welch$parameter), p = welch$p.value, ci = welch$conf.int[1:2])),
  ordered = list(x = x, z = z, level = level, both = of(both), one = of(one), null = as.numeric(logLik(null)), profile = unname(profile_x[1:2]))
), digits = 12, auto_unbox = TRUE, na = "null"), "tests/oracle/attrition.json")
