# Oracle for omega, longitudinal invariance, the starting level and likeness within teams. Writes measurement.json.
# Rscript tests/oracle/measurement.R   (R 4.2.2, lavaan 0.6-13, psych 2.2.9, jsonlite)
suppressMessages({library(lavaan); library(psych); library(jsonlite)})
set.seed(21)
n <- 300; W <- 3; k <- 4
lam <- c(1.2, 1, .9, 1.1)
eta <- matrix(rnorm(n * W), n, W) %*% chol(matrix(c(1, .6, .5, .6, 1.2, .7, .5, .7, 1.1), 3)); eta <- sweep(eta, 2, c(0, -.4, -.5), "+")
spec <- matrix(rnorm(n * k, 0, .5), n, k)
X <- do.call(cbind, lapply(1:W, function(w) sapply(1:k, function(j) {
  l <- lam[j] * ifelse(w == 3 && j == 2, .75, 1); int <- 6 + .3 * j + ifelse(w == 2 && j == 4, -.6, 0)
  pmin(pmax(round(int + l * eta[, w] + spec[, j] + rnorm(n, 0, .9)), 0), 10) })))
colnames(X) <- paste0("y", rep(1:W, each = k), "_", rep(1:k, W)); D <- as.data.frame(X)

model <- function(kind) {
  lines <- c()
  for (w in 1:W) lines <- c(lines, paste0("f", w, " =~ ", paste0(if (kind == "configural") "NA*" else paste0("NA*y", w, "_1 + "), collapse = ""),
    ""))[0]
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
fits <- lapply(c("configural", "metric", "scalar"), function(kind)
  lavaan(model(kind), D, meanstructure = TRUE, auto.var = TRUE))
names(fits) <- c("configural", "metric", "scalar")
inv <- lapply(fits, function(f) as.list(fitMeasures(f, measures)))
scalar_means <- unname(sapply(2:W, function(w) coef(fits$scalar)[paste0("f", w, "~1")]))

# Omega: the attitude data, and a skewed set of five steps where an error from normal theory is off.
omega_of <- function(d, se) {
  v <- names(d)
  m <- paste0("f =~ NA*", v[1], " + ", paste0("l", seq_along(v), "*", v, collapse = " + "), "\nf ~~ 1*f\n",
    paste0(v, " ~~ e", seq_along(v), "*", v, collapse = "\n"), "\nom := (", paste0("l", seq_along(v), collapse = "+"), ")^2 / ((",
    paste0("l", seq_along(v), collapse = "+"), ")^2 + ", paste0("e", seq_along(v), collapse = "+"), ")")
  f <- lavaan(m, d, meanstructure = TRUE, int.ov.free = TRUE, auto.var = TRUE, se = se)
  p <- parameterEstimates(f); p <- p[p$lhs == "om", ]; list(omega = p$est, se = p$se)
}
f1 <- rnorm(120); five <- as.data.frame(sapply(c(.9, .8, 1.1, .7), function(l) as.integer(cut(l * f1 + rnorm(120, 0, .8), c(-Inf, -2, -1.4, -.6, .3, Inf)))))
names(five) <- paste0("v", 1:4)
z <- as.data.frame(scale(attitude))
omega <- list(attitude = unname(as.list(as.data.frame(t(attitude)))), attitude_omega = omega_of(attitude, "standard")$omega,
  psych_standardised = unname(suppressWarnings(suppressMessages(omega(attitude, nfactors = 1, fm = "ml", plot = FALSE)$omega.tot))),
  lavaan_standardised = omega_of(z, "standard")$omega,
  five = unname(as.list(as.data.frame(t(five)))), five_omega = omega_of(five, "robust.sem")$omega, five_se = omega_of(five, "robust.sem")$se,
  five_normal_se = omega_of(five, "standard")$se)

# Starting level.
s <- round(rnorm(45, 65, 15), 1); e <- round(.6 * s + 15 + rnorm(45, 0, 10), 1); rel <- .82
b <- summary(lm(I(e - s) ~ s))$coefficients["s", ]
old <- cor.test(e - s, (e + s) / 2)
level <- list(start = s, end = e, reliability = rel, oldham = unname(old$estimate), oldham_p = old$p.value, oldham_ci = old$conf.int[1:2],
  blomqvist = unname((b[1] + 1 - rel) / rel), blomqvist_se = unname(b[2] / rel))

# Teams of unequal size: mean squares by aov, Searle's interval with n0.
team <- rep(letters[1:6], c(5, 9, 12, 7, 10, 4)); ch <- round(rnorm(47, -6, 11) + rnorm(6, 0, 6)[as.integer(factor(team))], 1)
a <- summary(aov(ch ~ team))[[1]]; N <- 47; K <- 6; sizes <- c(5, 9, 12, 7, 10, 4); n0 <- (N - sum(sizes^2) / N) / (K - 1)
icc <- function(f) (f - 1) / (f - 1 + n0); F <- a[1, "F value"]
balanced <- round(matrix(rnorm(40, rep(rnorm(10, 0, 5), 4), 6), 10), 2)
ic <- suppressMessages(ICC(balanced)$results)
teams <- list(team = team, change = ch, icc = icc(F), ci = c(icc(F / qf(.975, K - 1, N - K)), icc(F / qf(.025, K - 1, N - K))),
  size = sum(sizes^2) / N, balanced = unname(as.list(as.data.frame(t(balanced)))), balanced_icc = ic[1, "ICC"],
  balanced_ci = c(ic[1, "lower bound"], ic[1, "upper bound"]))

write_json(list(waves = W, items = k, answers = unname(as.list(as.data.frame(t(X)))), invariance = inv, scalar_means = scalar_means,
  omega = omega, level = level, teams = teams), "tests/oracle/measurement.json", digits = NA, auto_unbox = TRUE)
