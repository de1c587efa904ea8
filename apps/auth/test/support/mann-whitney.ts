/** Two-sided p of the Mann-Whitney U test (normal approximation with ties): how likely two samples this different come from one source. */
export function mannWhitneyP(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))].toSorted(
    (x, y) => x.value - y.value,
  );
  const total = all.length;
  let rankSum = 0;
  let ties = 0;
  for (let start = 0; start < total;) {
    let end = start;
    while (end < total && all[end]!.value === all[start]!.value) end++;
    const rank = (start + 1 + end) / 2;
    rankSum += rank * all.slice(start, end).filter(({ first }) => first).length;
    ties += (end - start) ** 3 - (end - start);
    start = end;
  }
  const mean = (a.length * (total + 1)) / 2;
  const variance = ((a.length * b.length) / 12) * (total + 1 - ties / (total * (total - 1)));
  return variance === 0 ? 1 : erfc(Math.abs(rankSum - mean) / Math.sqrt(2 * variance));
}

/** Complementary error function (Abramowitz and Stegun 7.1.26). */
function erfc(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return series * Math.exp(-x * x);
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((x, y) => x - y);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

/** 95 % interval of how much larger `b` is than `a`, pair by pair (Walsh averages of the Wilcoxon signed-rank test), in their own unit. */
export function gapInterval(a: readonly number[], b: readonly number[]): [low: number, high: number] {
  const gaps = a.map((value, pair) => b[pair]! - value);
  const averages = gaps.flatMap((gap, pair) => gaps.slice(pair).map((other) => (gap + other) / 2));
  averages.sort((x, y) => x - y);
  const n = gaps.length;
  const spread = 1.96 * Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  const rank = Math.max(0, Math.floor(averages.length / 2 - spread));
  return [averages[rank]!, averages[averages.length - 1 - rank]!];
}
