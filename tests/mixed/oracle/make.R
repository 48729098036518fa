# Makes the data and R's results that the engine is held against: Rscript make.R (in this folder).
# R 4.2, lme4 1.1-31, lmerTest 3.1-3, pbkrtest 0.5.2, nlme 3.1. Tests read the committed results only.
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(nlme); library(emmeans); library(numDeriv); library(jsonlite)})
options(digits = 17)
tight <- function(slope) lmerControl(optimizer = "nloptwrap", calc.derivs = FALSE, check.conv.singular = "ignore",
  optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14, xtol_rel = 1e-12, ftol_rel = 1e-15, maxeval = 20000))

draw <- function(seed, n, k, tau, slope = 0, sigma = 1, drop = 0, gap = 0, integer = FALSE, offset = 0, months = 0:(k - 1),
                 hours = FALSE, negative = FALSE, rho = 0) {
  set.seed(seed)
  age <- sample(18:70, n, TRUE); female <- rbinom(n, 1, .5); x <- round(rnorm(n), 3)
  b <- rnorm(n, 0, tau); s <- rnorm(n, 0, slope); out <- NULL
  for (i in seq_len(n)) {
    e <- rnorm(k, 0, sigma)
    if (negative) e <- e - .95 * mean(e)
    if (rho > 0) { e[1] <- rnorm(1, 0, sigma); for (w in 2:k) { r <- rho^(months[w] - months[w - 1]); e[w] <- r * e[w - 1] + rnorm(1, 0, sigma * sqrt(1 - r^2)) } }
    h <- round(rnorm(k, 4, 2), 2)
    y <- 5 + b[i] + s[i] * months - .3 * (seq_len(k) - 1) + .02 * age[i] + .4 * female[i] * (seq_len(k) > 1) + .3 * x[i] + .1 * h * hours + e
    keep <- rep(TRUE, k)
    if (drop > 0) { left <- FALSE; for (w in 2:k) { left <- left || runif(1) < plogis(qlogis(drop) - .5 * (y[w - 1] - 5)); keep[w] <- !left } }
    if (gap > 0) keep <- keep & (runif(k) > gap)
    if (integer) y <- pmin(10, pmax(0, round(y)))
    out <- rbind(out, data.frame(pid = i, wave = seq_len(k), time = months, age = age[i], female = female[i], x = x[i], hours = h, y = round(y, 4) + offset)[keep, ])
  }
  out
}

jobs <- list(
  # name, data, fixed effects (as the engine writes them), random, REML
  list("n12w2", draw(1, 12, 2, 1), "wave", "intercept", TRUE),
  list("n12w3", draw(2, 12, 3, 1, drop = .2), "wave", "intercept", TRUE),
  list("n15w4", draw(3, 15, 4, .8, gap = .2), "wave + age", "intercept", TRUE),
  list("n20w2drop", draw(4, 20, 2, 1, drop = .3), "wave + female", "intercept", TRUE),
  list("n20w5", draw(5, 20, 5, 1, drop = .15), "wave * female", "intercept", TRUE),
  list("n30w3gap", draw(6, 30, 3, 1, gap = .25), "wave + age + x", "intercept", TRUE),
  list("n40w4int", draw(7, 40, 4, 1.2, drop = .15, integer = TRUE), "wave + age + female", "intercept", TRUE),
  list("n60w3int", draw(8, 60, 3, 1.5, drop = .2, integer = TRUE), "wave * age", "intercept", TRUE),
  list("n60w6", draw(9, 60, 6, 1, drop = .1, gap = .1), "wave + age + female + x", "intercept", TRUE),
  list("n60w8", draw(10, 60, 8, 1, drop = .08, gap = .1), "wave", "intercept", TRUE),
  list("n60w3hours", draw(11, 60, 3, 1, drop = .2, hours = TRUE), "wave + hours", "intercept", TRUE),
  list("n80w4hoursx", draw(12, 80, 4, 1, gap = .15, hours = TRUE), "wave * hours + age", "intercept", TRUE),
  list("n100w4time", draw(13, 100, 4, 1, drop = .1, months = c(0, 6, 12, 24)), "time + age", "intercept", TRUE),
  list("n100w4timex", draw(14, 100, 4, 1, drop = .1, months = c(0, 6, 12, 24)), "time * female + age", "intercept", TRUE),
  list("n300w5", draw(15, 300, 5, 1, drop = .1, integer = TRUE), "wave * female + age + x", "intercept", TRUE),
  list("n2000w3", draw(16, 2000, 3, 1, drop = .15, integer = TRUE), "wave * female + age", "intercept", TRUE),
  list("offset", draw(17, 60, 3, 1, drop = .2, offset = 1e4), "wave + age", "intercept", TRUE),
  list("singular2", draw(18, 16, 2, 0, negative = TRUE), "wave", "intercept", TRUE),
  list("singular4", draw(19, 30, 4, 0, negative = TRUE, gap = .2), "wave * female + age", "intercept", TRUE),
  list("tiny_tau", draw(20, 50, 3, .15, drop = .1), "wave + age", "intercept", TRUE),
  list("large_tau", draw(21, 50, 3, 12, drop = .1), "wave + age", "intercept", TRUE),
  list("ml60w3", draw(22, 60, 3, 1, drop = .2), "wave + age", "intercept", FALSE),
  list("ml300w5", draw(15, 300, 5, 1, drop = .1, integer = TRUE), "wave * female + age + x", "intercept", FALSE),
  list("rs60w4", draw(23, 60, 4, 1, slope = .4, drop = .1), "time", "slope", TRUE),
  list("rs60w4wave", draw(24, 60, 4, 1, slope = .5, drop = .1), "wave + age", "slope", TRUE),
  list("rs40w5gap", draw(25, 40, 5, 1, slope = .4, gap = .15), "time * female", "slope", TRUE),
  list("rs100months", draw(26, 100, 4, 1, slope = .08, drop = .1, months = c(0, 6, 12, 24)), "wave * female + age", "slope", TRUE),
  list("rs200w6int", draw(27, 200, 6, 1, slope = .3, drop = .08, integer = TRUE), "wave + age + female", "slope", TRUE),
  list("rs24w3", draw(28, 24, 3, 1, slope = .8, sigma = .6), "wave", "slope", TRUE),
  list("rs80hours", draw(29, 80, 4, 1, slope = .4, drop = .1, hours = TRUE), "time + hours", "slope", TRUE),
  list("rsoffset", draw(30, 60, 4, 1, slope = .5, drop = .1, offset = 1e4), "time + age", "slope", TRUE),
  list("rssingular", draw(31, 40, 4, 1, slope = 0, drop = .1), "wave + age", "slope", TRUE),
  list("rsml", draw(23, 60, 4, 1, slope = .4, drop = .1), "time", "slope", FALSE),
  list("un2", draw(40, 40, 2, 1, drop = .2), "wave", "unstructured", TRUE),
  list("un3", draw(41, 60, 3, 1, slope = .5, drop = .15), "wave + age", "unstructured", TRUE),
  list("un4gap", draw(42, 80, 4, 1, slope = .4, gap = .15), "wave * female + age", "unstructured", TRUE),
  list("un3ml", draw(41, 60, 3, 1, slope = .5, drop = .15), "wave + age", "unstructured", FALSE),
  list("cs3", draw(43, 40, 3, 1, drop = .2), "wave + age", "compound-symmetry", TRUE),
  list("cs2negative", draw(44, 20, 2, 0, negative = TRUE, gap = .1), "wave", "compound-symmetry", TRUE),
  list("cs4negative", draw(45, 30, 4, 0, negative = TRUE, gap = .15), "wave + female", "compound-symmetry", TRUE),
  list("ar4", draw(46, 60, 4, 0, rho = .8, drop = .1, months = c(0, 1, 2, 4)), "wave + age", "ar1", TRUE),
  list("ar3months", draw(47, 50, 3, 0, rho = .9, gap = .1, months = c(0, 6, 12)), "wave", "ar1", TRUE),
  list("ar5ml", draw(48, 80, 5, 0, rho = .7, drop = .1), "time * female", "ar1", FALSE)
)

# Newton steps by Richardson derivatives: optimizers that see no derivatives stop at about 1e-5 of a variance, nlminb in gls
# at 1e-10 of the likelihood. Parameters on their bound (0) stay there.
polish <- function(x, f, bounded = rep(FALSE, length(x))) {
  free <- !(bounded & x < 1e-4); x[!free] <- 0; if (!any(free)) return(x)
  g <- function(z) { y <- x; y[free] <- z; f(y) }
  z <- x[free]
  for (i in 1:6) { step <- solve(hessian(g, z), grad(g, z)); z <- z - step; if (max(abs(step)) < 1e-10) break }
  y <- x; y[free] <- z; if (f(y) <= f(x) + 1e-9) y else x
}
refined <- function(m, f, d, reml) {
  devfun <- suppressMessages(lme4::lmer(f, d, REML = reml, devFunOnly = TRUE, control = tight(TRUE)))
  theta <- polish(unname(getME(m, "theta")), devfun, getME(m, "lower") == 0)
  suppressWarnings(suppressMessages(lmerTest::lmer(f, d, REML = reml, start = theta, control = lmerControl(optimizer = NULL, calc.derivs = FALSE))))
}

mixed <- function(d, fixed, random, reml) {
  f <- as.formula(paste("y ~", gsub("wave", "W", fixed), if (random == "slope") "+ (1 + time | pid)" else "+ (1 | pid)"))
  m <- suppressWarnings(suppressMessages(lmerTest::lmer(f, d, REML = reml, control = tight(random == "slope"))))
  m <- refined(m, f, d, reml)
  s <- suppressWarnings(coef(summary(m, ddf = "Satterthwaite"))); v <- vcov(m)
  r <- list(beta = unname(fixef(m)), names = names(fixef(m)), se = unname(sqrt(diag(as.matrix(v)))), theta = unname(getME(m, "theta")), sigma = sigma(m),
            ll = as.numeric(logLik(m)), singular = isSingular(m), n = nobs(m), satt = unname(s[, "df"]), f = deparse1(f))
  if (reml) {
    va <- vcovAdj(m); p <- length(r$beta)
    r$kr_se <- unname(sqrt(diag(as.matrix(va)))); r$kr_df <- sapply(seq_len(p), function(i) { L <- numeric(p); L[i] <- 1; Lb_ddf(L, v, va) })
    # joint tests of the coefficients of each term, not type III of a recoded model
    joint <- function(ddf) { out <- list(term = character(), F = numeric(), dd = numeric())
      assign <- attr(model.matrix(m), "assign"); labels <- attr(terms(m), "term.labels")
      for (t in seq_along(labels)) { k <- which(assign == t); L <- diag(p)[k, , drop = FALSE]
        x <- if (ddf == "kr") { if (nrow(L) == 1) { se <- sqrt(as.numeric(L %*% as.matrix(va) %*% t(L))); c((r$beta[k] / se)^2, Lb_ddf(L, v, va)) } else { q <- contestMD(m, L, ddf = "Kenward-Roger"); c(q[["F value"]], q[["DenDF"]]) } } else { q <- contestMD(m, L, ddf = "Satterthwaite"); c(q[["F value"]], q[["DenDF"]]) }
        out$term <- c(out$term, labels[t]); out$F <- c(out$F, x[1]); out$dd <- c(out$dd, x[2]) }
      out }
    r$joint_kr <- joint("kr"); r$joint_satt <- joint("satt")
  }
  r
}
marginal <- function(d, fixed, cov, reml) {
  f <- as.formula(paste("y ~", gsub("wave", "W", fixed))); d$wi <- as.integer(d$W)
  ctl <- glsControl(tolerance = 1e-13, msTol = 1e-14, maxIter = 500, msMaxIter = 500, opt = "nlminb", returnObject = TRUE)
  m <- switch(cov,
    "unstructured" = gls(f, d, correlation = corSymm(form = ~ wi | pid), weights = varIdent(form = ~ 1 | W), method = if (reml) "REML" else "ML", control = ctl),
    "compound-symmetry" = gls(f, d, correlation = corCompSymm(form = ~ 1 | pid), method = if (reml) "REML" else "ML", control = ctl),
    "ar1" = gls(f, d, correlation = corCAR1(.5, form = ~ time | pid), method = if (reml) "REML" else "ML", control = ctl))
  if (cov != "ar1") {
    # correlations and ratios of standard deviations as parameters of a gls that searches nothing
    k <- nlevels(d$W)
    at <- function(x) {
      if (cov == "compound-symmetry") return(gls(f, d, correlation = corCompSymm(x, form = ~ 1 | pid, fixed = TRUE), method = if (reml) "REML" else "ML"))
      q <- k * (k - 1) / 2; ratios <- setNames(x[-seq_len(q)], levels(d$W)[-1])
      gls(f, d, correlation = corSymm(x[seq_len(q)], form = ~ wi | pid, fixed = TRUE), weights = varIdent(form = ~ 1 | W, fixed = ratios), method = if (reml) "REML" else "ML")
    }
    x <- coef(m$modelStruct$corStruct, unconstrained = FALSE)
    if (cov == "unstructured") { v <- coef(m$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[levels(d$W)]; x <- c(x, v[-1] / v[1]) }
    m <- at(polish(unname(x), function(x) -as.numeric(logLik(at(x)))))
  }
  # gls scales the covariance of beta by N/(N - p) under ML; undone here
  v <- m$varBeta; if (!reml) v <- v * (m$dims$N - m$dims$p) / m$dims$N
  list(beta = unname(coef(m)), names = names(coef(m)), se = unname(sqrt(diag(v))), sigma = m$sigma, ll = as.numeric(logLik(m)), n = m$dims$N, f = deparse1(f))
}
results <- list()
for (j in jobs) {
  d <- j[[2]]; d$W <- factor(d$wave); write.csv(d[, setdiff(names(d), "W")], paste0(j[[1]], ".csv"), row.names = FALSE, quote = FALSE)
  r <- if (j[[4]] %in% c("intercept", "slope")) mixed(d, j[[3]], j[[4]], j[[5]]) else marginal(d, j[[3]], j[[4]], j[[5]])
  results[[j[[1]]]] <- c(list(fixed = j[[3]], kind = j[[4]], reml = j[[5]]), r)
}
write(toJSON(results, digits = NA, auto_unbox = TRUE, pretty = TRUE), "results.json")

# Random effects, fitted values and profile intervals of a few jobs.
second <- list()
for (name in c("n12w3", "n30w3gap", "rs60w4", "rs40w5gap")) {
  j <- jobs[[which(sapply(jobs, `[[`, 1) == name)]]; d <- j[[2]]; d$W <- factor(d$wave)
  f <- as.formula(paste("y ~", gsub("wave", "W", j[[3]]), if (j[[4]] == "slope") "+ (1 + time | pid)" else "+ (1 | pid)"))
  m <- lme4::lmer(f, d, control = tight(TRUE))
  second[[name]] <- list(ranef = as.matrix(ranef(m)$pid), pid = as.integer(rownames(ranef(m)$pid)), predicted = unname(fitted(m)), fitted = unname(predict(m, re.form = NA)))
}
profiles <- list()
for (name in c("n40w4int", "n60w3int", "tiny_tau")) {
  j <- jobs[[which(sapply(jobs, `[[`, 1) == name)]]; d <- j[[2]]; d$W <- factor(d$wave)
  m <- lme4::lmer(as.formula(paste("y ~", gsub("wave", "W", j[[3]]), "+ (1 | pid)")), d, REML = FALSE, control = tight(FALSE))
  ci <- suppressWarnings(confint(m, parm = c(".sig01", ".sigma"), quiet = TRUE)); profiles[[name]] <- list(intercept = unname(ci[1, ]), residual = unname(ci[2, ]))
}
# A finer grid than the default: lme4 interpolates its profile by a spline.
for (name in c("rs60w4", "rssingular")) {
  j <- jobs[[which(sapply(jobs, `[[`, 1) == name)]]; d <- j[[2]]; d$W <- factor(d$wave)
  m <- lme4::lmer(as.formula(paste("y ~", gsub("wave", "W", j[[3]]), "+ (1 + time | pid)")), d, REML = FALSE, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10)))
  ci <- suppressWarnings(suppressMessages(confint(profile(m, which = "theta_", delta = .1, maxpts = 300))))
  profiles[[name]] <- list(intercept = unname(ci[1, ]), correlation = unname(ci[2, ]), slope = unname(ci[3, ]), residual = unname(ci[4, ]))
}
# A contrast of two waves, means by wave and group at given covariates, AIC and BIC; both kinds of df.
tests <- list()
for (name in c("n20w5", "n300w5", "rs100months", "singular4", "rssingular")) {
  j <- jobs[[which(sapply(jobs, `[[`, 1) == name)]]; d <- j[[2]]; d$W <- factor(d$wave)
  f <- as.formula(paste("y ~", gsub("wave", "W", j[[3]]), if (j[[4]] == "slope") "+ (1 + time | pid)" else "+ (1 | pid)"))
  m <- suppressWarnings(suppressMessages(lmerTest::lmer(f, d, control = tight(TRUE)))); m <- refined(m, f, d, TRUE)
  L <- setNames(numeric(length(fixef(m))), names(fixef(m))); L["W3"] <- 1; L["W2"] <- -1; r <- list()
  for (ddf in c("Kenward-Roger", "Satterthwaite")) {
    key <- tolower(ddf); c1 <- contest1D(m, L, ddf = ddf, confint = TRUE)
    groups <- if (grepl("female", j[[3]])) c(0, 1) else NULL
    at <- list(age = 40, x = .5); if (!is.null(groups)) at$female <- groups
    e <- suppressMessages(as.data.frame(confint(emmeans(m, if (is.null(groups)) ~ W else ~ W | female, at = at, lmer.df = key, data = d))))
    r[[key]] <- list(contrast = unname(unlist(c1[c("Estimate", "Std. Error", "df", "t value", "lower", "upper", "Pr(>|t|)")])),
                     means = list(wave = as.character(e$W), estimate = e$emmean, std_error = e$SE, df = e$df, ci_low = e$lower.CL, ci_high = e$upper.CL))
    if (!is.null(groups)) r[[key]]$means$female <- as.numeric(as.character(e$female))
  }
  tests[[name]] <- c(r, list(aic = AIC(m), bic = BIC(m)))
}
write(toJSON(list(second = second, profiles = profiles, tests = tests), digits = NA, auto_unbox = TRUE, pretty = TRUE), "second.json")
