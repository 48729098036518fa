# Oracle for Firth's logistic regression. Writes firth.json.
# Rscript tests/oracle/firth.R   (R 4.2.2, brglm2 0.9, jsonlite)
# Coefficients and standard errors: brglm2 (its AS_mean is Firth's score for the logistic model). Profile intervals and
# penalised likelihood-ratio tests: worked out here by optim on the penalised log-likelihood, with no derivatives of it.
suppressMessages({library(brglm2); library(jsonlite)})
set.seed(7)
penalised <- function(beta, X, y) {
  eta <- drop(X %*% beta); p <- plogis(eta)
  sum(y * plogis(eta, log.p = TRUE) + (1 - y) * plogis(-eta, log.p = TRUE)) +
    .5 * as.numeric(determinant(t(X) %*% (X * (p * (1 - p))), logarithm = TRUE)$modulus)
}
best_of <- function(f, start) { o <- list(par = start)
  for (i in 1:3) { if (length(start) > 1) o <- optim(o$par, f, control = list(reltol = 1e-14, maxit = 5000))
    o <- optim(o$par, f, method = "BFGS", control = list(reltol = 1e-15, maxit = 500)) }; -o$value }
job <- function(formula, data) {
  m <- glm(formula, binomial, data, method = "brglmFit", type = "AS_mean", epsilon = 1e-12, maxit = 500)
  X <- model.matrix(m); y <- m$y; b <- coef(m); se <- sqrt(diag(vcov(m))); top <- penalised(b, X, y)
  held <- function(j, v) best_of(function(r) { z <- b; z[-j] <- b[-j] + r * se[-j]; z[j] <- v
    out <- -penalised(z, X, y); if (is.finite(out)) out else 1e6 }, rep(0, length(b) - 1))
  ends <- sapply(2:length(b), function(j) sapply(c(-1, 1), function(s) {
    g <- function(d) 2 * (top - held(j, b[j] + s * d)) - qchisq(.95, 1)
    far <- 2 * se[j]; while (g(far) < 0) far <- far * 1.5
    b[j] + s * uniroot(g, c(.2 * se[j], far), tol = 1e-9)$root }))
  chi2 <- sapply(2:length(b), function(j) 2 * (top - held(j, 0)))
  list(X = unname(X[, -1, drop = FALSE]), y = unname(y), names = colnames(X)[-1], coef = unname(b), se = unname(se),
       low = ends[1, ], high = ends[2, ], chi2 = unname(chi2), p = pchisq(unname(chi2), 1, lower.tail = FALSE))
}
data(endometrial)
d <- data.frame(trust = round(rnorm(78, 65, 16), 1), age = round(runif(78, 22, 61)))
d$joined <- rbinom(78, 1, plogis(1.2 + .05 * (d$trust - 62)))
s <- data.frame(x = c(1:12), y = rep(0:1, each = 6))      # completely separated
writeLines(toJSON(list(endometrial = job(HG ~ NV + PI + EH, endometrial), joined = job(joined ~ trust + age, d),
                       separated = job(y ~ x, s)), digits = 12, auto_unbox = TRUE), "tests/oracle/firth.json")
