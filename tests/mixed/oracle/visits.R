# Oracle for people who came at times of their own: random slope and continuous-time AR(1). Writes visits.json.
# Rscript tests/mixed/oracle/visits.R   (R 4.2.2, lme4 1.1-31, lmerTest 3.1-3, pbkrtest 0.5.2, nlme 3.1-162, jsonlite)
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(nlme); library(numDeriv); library(jsonlite)})
set.seed(11)
make <- function(n, W, gap) {
  d <- expand.grid(wave = 1:W, id = 1:n); d$age <- round(rnorm(n, 45, 12))[d$id]
  d$days <- round(gap * (d$wave - 1) + runif(nrow(d), 0, .7 * gap)); d$t <- d$days / 30
  b <- matrix(rnorm(2 * n), n) %*% chol(matrix(c(110, -3, -3, .6), 2))
  d$y <- round(60 + .1 * d$age - .4 * d$t + b[d$id, 1] + b[d$id, 2] * d$t + rnorm(nrow(d), 0, 7), 1)
  d[!(runif(nrow(d)) < .12 & d$wave > 1), ]
}
# R's optima polished by Newton steps, as in make.R: optimizers that see no derivatives stop at about 1e-5 of a variance
polished <- function(f, d) {
  devfun <- lmer(f, d, devFunOnly = TRUE); z <- unname(getME(lmerTest::lmer(f, d), "theta"))
  for (i in 1:8) { step <- solve(hessian(devfun, z), grad(devfun, z)); z <- z - step; if (max(abs(step)) < 1e-11) break }
  lmerTest::lmer(f, d, start = z, control = lmerControl(optimizer = NULL, calc.derivs = FALSE))
}
job <- function(n, W, gap) {
  d <- make(n, W, gap)
  m <- polished(y ~ t + age + (t | id), d)
  kr <- as.data.frame(get_Lb_ddf(m, c(0, 1, 0)))[1, 1]
  g <- gls(y ~ t + age, d, correlation = corCAR1(.8, form = ~ t | id), control = glsControl(tolerance = 1e-12, msTol = 1e-12, maxIter = 500))
  list(id = d$id, wave = d$wave, t = d$t, age = d$age, y = d$y,
    slope = list(beta = unname(fixef(m)), se = unname(sqrt(diag(as.matrix(vcov(m))))), ll = as.numeric(logLik(m)), sigma = sigma(m),
      d = unname(as.vector(VarCorr(m)$id)), satt = unname(summary(m)$coefficients[, "df"]), kr_df = kr,
      kr_se = unname(sqrt(diag(as.matrix(vcovAdj(m)))))),
    ar1 = list(beta = unname(coef(g)), se = unname(sqrt(diag(vcov(g)))), ll = as.numeric(logLik(g)), sigma = g$sigma,
      phi = unname(coef(g$modelStruct$corStruct, unconstrained = FALSE))))
}
write_json(list(job(60, 4, 180), job(150, 3, 365), job(25, 6, 90)), "tests/mixed/oracle/visits.json", digits = NA, auto_unbox = TRUE)
