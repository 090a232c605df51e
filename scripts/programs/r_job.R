# SPDX-License-Identifier: Apache-2.0
# R as people use it: products, cross products, triangular and general solves. Prints one JSON object.
arguments <- commandArgs(trailingOnly = TRUE)
option <- function(name, default) {
  at <- match(paste0("--", name), arguments)
  if (is.na(at)) default else arguments[at + 1]
}
out <- option("out", ".")
n <- as.integer(option("size", "150"))
times <- as.integer(option("repeat", "1"))
only <- option("only", "")
dir.create(out, showWarnings = FALSE, recursive = TRUE)

unit <- .Machine$double.eps / 2
gamma_of <- function(terms) terms * unit / (1 - terms * unit)
# Two right results of a %*% b differ by no more: each is within gamma |a| |b|, and that is at most row norm times column norm.
product_bound <- function(a, b) {
  2 * sqrt(8) * gamma_of(ncol(a) + 3) * sqrt(max(rowSums(Mod(a)^2))) * sqrt(max(colSums(Mod(b)^2)))
}
uniform <- function(rows, columns) matrix(runif(rows * columns, -1, 1), rows, columns)

set.seed(20)
k <- n + 7L
a <- uniform(n, k)
b <- uniform(k, n)
wide <- uniform(n, k)
za <- a + 1i * wide
square <- diag(n) + uniform(n, n) / (2 * n)
right <- uniform(n, n)
spd <- (square + t(square)) / 2
factor <- chol(spd)

jobs <- list(
  list("a %*% b", function() a %*% b, product_bound(a, b), c(dgemm = 1), 2 * n * n * k),
  list("crossprod(a)", function() crossprod(a), product_bound(t(a), a), c(dsyrk = 1), n * k * k),
  list("tcrossprod(a)", function() tcrossprod(a), product_bound(a, t(a)), c(dsyrk = 1), n * n * k),
  list("crossprod(a, w)", function() crossprod(a, wide), product_bound(t(a), wide), c(dgemm = 1), 2 * n * k * k),
  list("complex a %*% t(a)", function() za %*% t(za), product_bound(za, t(za)), c(zgemm = 1), 8 * n * n * k),
  list("backsolve", function() backsolve(factor, right), 8 * gamma_of(n + 1) * 2, c(dtrsm = 1), n^3),
  list("solve", function() solve(square, right), 12 * gamma_of(3 * n) * 2, NULL, 8 / 3 * n^3),
  list("chol", function() chol(spd), 4 * n * gamma_of(n + 1), NULL, n^3 / 3),
  list("qr (LAPACK)", function() qr.R(qr(square, LAPACK = TRUE)), 20 * n * gamma_of(n), NULL, 4 / 3 * n^3)
)
jobs <- Filter(function(job) grepl(only, job[[1]], fixed = TRUE), jobs)

lines <- character()
for (index in seq_along(jobs)) {
  job <- jobs[[index]]
  message(sprintf("progress %d/%d %s", index - 1L, length(jobs), job[[1]]))
  best <- Inf
  for (i in seq_len(times)) {
    start <- as.numeric(Sys.time())
    result <- job[[2]]()
    best <- min(best, as.numeric(Sys.time()) - start)
  }
  file <- sprintf("%02d.f64", index)
  values <- if (is.complex(result)) as.vector(rbind(Re(as.vector(result)), Im(as.vector(result)))) else as.vector(result)
  writeBin(as.double(values), file.path(out, file))
  calls <- if (is.null(job[[4]])) "null" else sprintf("{\"%s\": %d}", names(job[[4]]), as.integer(job[[4]] * times))
  lines <- c(lines, sprintf(
    "{\"name\": \"%s\", \"file\": \"%s\", \"allowed\": %.6e, \"seconds\": %.6e, \"operations\": %.6e, \"calls\": %s}",
    job[[1]], file, job[[3]], max(best, 1e-9), job[[5]], calls))
}
cat(sprintf("{\"program\": \"R\", \"version\": \"%s.%s\", \"jobs\": [\n%s\n]}\n", R.version$major, R.version$minor,
            paste(lines, collapse = ",\n")))
