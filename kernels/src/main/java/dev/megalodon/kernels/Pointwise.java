package dev.megalodon.kernels;

/** Element-wise operations. Tensors of one call have equal sizes unless a shape says otherwise. */
public interface Pointwise {
  /** Sets every element. */
  void fill(Tensor target, double value);

  /** target ← source, rounded to nearest; types may differ between floating types. */
  void copy(Tensor source, Tensor target);

  /** target ← target + scale·source. */
  void accumulate(double scale, Tensor source, Tensor target);

  /** sum ← a + b; sum may be a or b. */
  void add(Tensor a, Tensor b, Tensor sum);

  /** Scales in place. */
  void scale(Tensor target, double factor);

  /** Adds bias (D) to every row of x (R, D), in place. */
  void addBias(Tensor x, Tensor bias);

  /** Adds the column sums of dy (R, D) to dBias (D). */
  void biasGradient(Tensor dy, Tensor dBias);

  /** y = x·σ(x); y may be x. */
  void silu(Tensor x, Tensor y);

  /** dx = dy·σ(x)·(1 + x·(1 − σ(x))); dx may be dy. */
  void siluBackward(Tensor dy, Tensor x, Tensor dx);

  /** product = a ⊙ b. */
  void multiply(Tensor a, Tensor b, Tensor product);

  /** da = dProduct ⊙ b, db = dProduct ⊙ a. Outputs may be dProduct, one at most. */
  void multiplyBackward(Tensor dProduct, Tensor a, Tensor b, Tensor da, Tensor db);

  /** h = silu(gate) ⊙ up. */
  void swiglu(Tensor gate, Tensor up, Tensor h);

  /** dGate = dh ⊙ up ⊙ silu'(gate), dUp = dh ⊙ silu(gate). dGate may be dh. */
  void swigluBackward(Tensor dh, Tensor gate, Tensor up, Tensor dGate, Tensor dUp);

  /** Multiplies every row of x (R, D) by scales (D): y = x ⊙ scales; y may be x. */
  void scaleColumns(Tensor x, Tensor scales, Tensor y);

  /** dx = dy ⊙ scales, dScales += column sums of dy ⊙ x; dx may be dy. */
  void scaleColumnsBackward(Tensor dy, Tensor x, Tensor scales, Tensor dx, Tensor dScales);

  /** Sum of squares in FLOAT64, in a fixed order. */
  double sumOfSquares(Tensor x);
}
