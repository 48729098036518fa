# Oracle for the paired tests, effect sizes and adjusted p values. Writes paired.json.
# Rscript tests/oracle/paired.R   (R 4.2.2, effectsize 0.8.3, BayesFactor 0.9.12, jsonlite)
suppressMessages({library(effectsize); library(BayesFactor); library(jsonlite)})

# Exact two-sided sign-flip p of the mean and of Wilcoxon's ranks, by going through every pattern of signs.
exact <- function(d) {
  d <- d[d != 0]; n <- length(d)
  signs <- as.matrix(expand.grid(rep(list(c(-1, 1)), n)))
  at_least <- function(v) mean(abs(signs %*% v) >= abs(sum(sign(d) * v)) - 1e-9 * sum(v))
  list(mean = at_least(abs(d)), ranks = at_least(rank(abs(d))))
}

job <- function(start, end) {
  d <- round(end - start, 9)   # ties are ties
  t <- t.test(end, start, paired = TRUE); t90 <- t.test(end, start, paired = TRUE, conf.level = .90)
  z <- cohens_d(d); g <- hedges_g(d)
  rb <- rank_biserial(d, verbose = FALSE)   # of two samples 0.8.3 counts the zeros among the scores, not the differences
  bound <- 5
  tost <- max(t.test(d, mu = -bound, alternative = "greater")$p.value, t.test(d, mu = bound, alternative = "less")$p.value)
  out <- list(start = start, end = end, n = length(d), mean = unname(t$estimate), se = t$stderr, t = unname(t$statistic),
    df = unname(t$parameter), p = t$p.value, ci95 = t$conf.int[1:2], ci90 = t90$conf.int[1:2],
    d_z = z$Cohens_d, d_z_ci = c(z$CI_low, z$CI_high), g = g$Hedges_g, g_ci = c(g$CI_low, g$CI_high),
    rb = rb$r_rank_biserial, rb_ci = c(rb$CI_low, rb$CI_high), tost5 = tost,
    bf10 = exp(ttestBF(d, rscale = .707)@bayesFactor$bf))
  if (sum(d != 0) <= 16) out$exact <- exact(d)
  out
}

set.seed(20261122)
pomp <- function(x) round(pmin(pmax(x, 0), 100) * .3) / .3   # three items from 0 to 10
trust <- function(n, fall) { s <- pomp(rnorm(n, 65, 17)); list(start = s, end = pomp(s + rnorm(n, -fall, 13))) }
a <- trust(14, 6); b <- trust(48, 12); c <- trust(41, 1)
jobs <- list(
  sleep = job(sleep$extra[sleep$group == 2], sleep$extra[sleep$group == 1]),
  ties_and_zeros = job(c(50, 60, 60, 70, 40, 80, 55, 65, 70, 30), c(50, 50, 60, 60, 50, 60, 55, 60, 70, 20)),
  fourteen = job(a$start, a$end), forty_eight = job(b$start, b$end), no_change = job(c$start, c$end))
p <- c(.001, .0125, .04, .039, .6)
adjusted <- list(p = p, holm = p.adjust(p, "holm"), benjamini_hochberg = p.adjust(p, "BH"))
writeLines(toJSON(list(jobs = jobs, adjusted = adjusted), digits = 15, auto_unbox = TRUE, pretty = TRUE), "tests/oracle/paired.json")
