# Oracle for models with gaps by full-information maximum likelihood: invariance over the waves, and the random-intercept
# cross-lagged panel. Writes structural.json.   Rscript tests/oracle/structural.R   (R 4.2.2, lavaan 0.6-13, jsonlite)
suppressMessages({library(lavaan); library(jsonlite)})
set.seed(5)
R <- fromJSON("tests/oracle/measurement.json"); W <- R$waves; k <- R$items
D <- as.data.frame(R$answers); names(D) <- paste0("y", rep(1:W, each = k), "_", rep(1:k, W))
# people leave the likelier the lower they began, and single answers are left out
first <- rowMeans(D[, 1:k]); gone2 <- runif(300) < plogis(-1.6 - .8 * (first - 6.5)); gone3 <- gone2 | runif(300) < .15
for (w in 2:W) D[if (w == 2) gone2 else gone3, paste0("y", w, "_", 1:k)] <- NA
D[as.matrix(D) >= 0 & matrix(runif(300 * W * k) < .01, 300)] <- NA
model <- function(kind) {
  lines <- c()
  for (w in 1:W) {
    labels <- if (kind == "configural") paste0("l", w, "_", 1:k) else paste0("l", 1:k)
    lines <- c(lines, paste0("f", w, " =~ NA*y", w, "_1 + ", paste0(labels, "*y", w, "_", 1:k, collapse = " + ")))
    ints <- if (kind == "scalar") paste0("i", 1:k) else paste0("i", w, "_", 1:k)
    lines <- c(lines, paste0("y", w, "_", 1:k, " ~ ", ints, "*1"))
    lines <- c(lines, if (w == 1 || kind == "configural") paste0("f", w, " ~~ 1*f", w) else paste0("f", w, " ~~ NA*f", w))
    lines <- c(lines, if (w == 1 || kind != "scalar") paste0("f", w, " ~ 0*1") else paste0("f", w, " ~ NA*1"))
  }
  for (a in 1:(W - 1)) for (b in (a + 1):W) lines <- c(lines, paste0("f", a, " ~~ f", b), paste0("y", a, "_", 1:k, " ~~ y", b, "_", 1:k))
  paste(lines, collapse = "\n")
}
measures <- c("chisq", "df", "pvalue", "cfi", "rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "srmr")
# the default tolerance of the saturated model (EM) leaves errors of 1e-3 in chi-square
invariance <- lapply(c(configural = "configural", metric = "metric", scalar = "scalar"), function(kind)
  as.list(fitMeasures(lavaan(model(kind), D, meanstructure = TRUE, auto.var = TRUE, missing = "fiml", em.h1.tol = 1e-10, em.h1.iter.max = 20000), measures)))

# Random-intercept cross-lagged panel (Hamaker, Kuiper and Grasman 2015), lags alike.
panel <- function(n, W) {
  A <- matrix(c(.35, .25, .05, .3), 2); u <- matrix(rnorm(n * 2), n) %*% chol(matrix(c(60, 25, 25, 80), 2))
  e <- matrix(rnorm(n * 2), n) %*% chol(matrix(c(90, 30, 30, 110), 2)); x <- y <- matrix(NA, n, W)
  for (w in 1:W) { x[, w] <- 60 - 2 * w + u[, 1] + e[, 1]; y[, w] <- 65 - 3 * w + u[, 2] + e[, 2]
    e <- e %*% A + matrix(rnorm(n * 2), n) %*% chol(matrix(c(70, 20, 20, 90), 2)) }
  gone <- rep(FALSE, n)
  for (w in 2:W) { gone <- gone | runif(n) < plogis(-2 - .03 * (x[, 1] - 60)); x[gone, w] <- NA; y[gone, w] <- NA }
  y[runif(n) < .03, 2] <- NA
  list(x = round(x, 1), y = round(y, 1))
}
crossed <- function(W, alike) {
  s <- 1:W; lab <- function(name, w) if (alike) name else paste0(name, w)
  lines <- c(paste0("ix =~ ", paste0("1*x", s, collapse = " + ")), paste0("iy =~ ", paste0("1*y", s, collapse = " + ")),
    paste0("wx", s, " =~ 1*x", s), paste0("wy", s, " =~ 1*y", s), paste0("x", s, " ~~ 0*x", s), paste0("y", s, " ~~ 0*y", s),
    paste0("x", s, " ~ 1"), paste0("y", s, " ~ 1"), "ix ~~ ix", "iy ~~ iy", "ix ~~ iy", paste0("wx", s, " ~~ wx", s), paste0("wy", s, " ~~ wy", s),
    paste0("wx", s, " ~~ wy", s))
  for (w in 2:W) lines <- c(lines, paste0("wx", w, " ~ ", lab("axx", w), "*wx", w - 1, " + ", lab("axy", w), "*wy", w - 1),
    paste0("wy", w, " ~ ", lab("ayx", w), "*wx", w - 1, " + ", lab("ayy", w), "*wy", w - 1))
  paste(lines, collapse = "\n")
}
job <- function(n, W) {
  p <- panel(n, W); d <- data.frame(p$x, p$y); names(d) <- c(paste0("x", 1:W), paste0("y", 1:W))
  fit <- function(alike) lavaan(crossed(W, alike), d, meanstructure = TRUE, missing = "fiml", information = "observed", em.h1.tol = 1e-10, em.h1.iter.max = 20000)
  f <- fit(TRUE); e <- parameterEstimates(f); e <- e[match(c("ayx", "axy", "ayy", "axx"), e$label), ]
  list(x = p$x, y = p$y, estimate = e$est, se = e$se, fit = as.list(fitMeasures(f, measures)),
    free = as.list(fitMeasures(fit(FALSE), c("chisq", "df"))), level = unname(lavInspect(f, "est")$psi[c("ix", "iy"), c("ix", "iy")]))
}
write_json(list(answers = unname(as.matrix(D)), waves = W, items = k, invariance = invariance, panels = list(job(400, 3), job(250, 4))),
  "tests/oracle/structural.json", digits = NA, auto_unbox = TRUE, na = "null")
