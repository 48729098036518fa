# Random-effects summaries by metafor (Viechtbauer 2010): Paule-Mandel, Knapp-Hartung never below the usual standard
# error ("adhoc"), the Q profile for tau, and summaries without each study. Run in this folder: Rscript portfolio.R
suppressPackageStartupMessages({library(metafor); library(jsonlite)})

one <- function(yi, sei) {
  r <- rma(yi, sei = sei, method = "PM", test = "adhoc", control = list(tol = 1e-12, maxiter = 1000))
  n <- rma(yi, sei = sei, method = "PM", test = "adhoc", level = 90, control = list(tol = 1e-12, maxiter = 1000))
  k <- r$k
  reach <- qt(.975, k - 2) * sqrt(r$tau2 + r$se^2)
  tau <- confint(r, control = list(tol = 1e-12, tau2.max = 1e6))$random["tau", c("ci.lb", "ci.ub")]
  list(yi = yi, sei = sei, estimate = as.numeric(r$beta), se = r$se, p = r$pval, ci = c(r$ci.lb, r$ci.ub),
       ci90 = c(n$ci.lb, n$ci.ub), tau = sqrt(r$tau2), tau_ci = as.numeric(tau), q = r$QE, q_p = r$QEp,
       prediction = as.numeric(r$beta) + c(-1, 1) * reach, weights = as.numeric(weights(r)) / 100,
       without = leave1out(r)$estimate, without_se = leave1out(r)$se)
}

stroke <- escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999)
bcg <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
alike <- list(y = c(-4.1, -3.8, -4.4, -4.0, -3.9, -4.2), se = c(1.2, 1.5, 2.1, 0.9, 1.8, 1.4))
four <- list(y = c(-9.5, 1.2, -4.0, -13.1), se = c(2.2, 3.1, 1.9, 4.4))
write(toJSON(list(
  stroke = one(as.numeric(stroke$yi), sqrt(as.numeric(stroke$vi))),
  bcg = one(as.numeric(bcg$yi), sqrt(as.numeric(bcg$vi))),
  alike = one(alike$y, alike$se),
  four = one(four$y, four$se)
), digits = NA, auto_unbox = TRUE, pretty = TRUE), "portfolio.json")
