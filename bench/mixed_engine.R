# lme4's fit alone, on a long table: Rscript mixed_engine.R FILE. Prints seconds of the random intercept and of the slope.
suppressMessages({library(data.table); library(lme4)})
d <- fread(commandArgs(TRUE)[1], showProgress = FALSE); d[, w := factor(wave)]
t0 <- proc.time()[[3]]; m <- suppressWarnings(suppressMessages(lmer(y ~ w + age + female + edu + (1 | pid), d)))
t1 <- proc.time()[[3]]; s <- suppressWarnings(suppressMessages(lmer(y ~ w + age + female + edu + (1 + time | pid), d)))
t2 <- proc.time()[[3]]; cat(t1 - t0, t2 - t1, "\n")
