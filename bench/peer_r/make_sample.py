"""A study of the sample's shape for the R report: N people, 3 waves, 4 scales of 4 items from 0 to 10, dropout.

Arguments: N, folder. The two scales whose names begin with p share the columns p1 to p4, as the report expects.
"""

import sys

import numpy as np
import pandas as pd

N, out = int(sys.argv[1]), sys.argv[2]
r = np.random.default_rng(11)
scales = ["provider", "municipal", "generalized", "peers"]
mu, sd = np.array([70, 56, 58, 68.0]), np.array([16, 17, 16, 16.0])
sd_change = np.array([14, 13, 12, 16.0])
level = np.array([[1, 0.45, 0.35, 0.5], [0.45, 1, 0.35, 0.25], [0.35, 0.35, 1, 0.4], [0.5, 0.25, 0.4, 1]])
change = np.array([[1, 0.4, 0.4, 0.7], [0.4, 1, 0.35, 0.25], [0.4, 0.35, 1, 0.65], [0.7, 0.25, 0.65, 1]])
t0 = r.multivariate_normal(mu, level * np.outer(sd, sd), N)
d = r.multivariate_normal([-12, -10, -9, -3], change * np.outer(sd_change, sd_change), N)
e = r.multivariate_normal([2, -1, 0, 1], change * 81, N)
age, sex = r.integers(22, 62, N), r.integers(0, 2, N)
gone = r.random(N) < 1 / (1 + np.exp(1.5 + 0.035 * (t0[:, 3] - 68)))
gone_later = gone | (r.random(N) < 0.12)
for w, x in enumerate([t0, t0 + d, t0 + d + e], 1):
    columns = {"pid": np.arange(1, N + 1), "age": age, "female": sex}
    for j, scale in enumerate(scales):
        for i in range(1, 5):
            answers = np.clip(np.round((x[:, j] + r.normal(0, 13, N)) / 10), 0, 10).astype(int)
            columns[f"{scale[0]}{i}"] = answers
    frame = pd.DataFrame(columns)
    if w > 1:
        frame = frame[~(gone if w == 2 else gone_later)]
    frame.to_csv(f"{out}/w{w}.csv", index=False)
