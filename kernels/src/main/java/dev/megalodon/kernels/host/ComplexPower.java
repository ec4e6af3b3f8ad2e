package dev.megalodon.kernels.host;

/**
 * Powers of a complex number by squaring. Every part is an unevaluated sum of two doubles: in plain
 * double the rounding of q would grow with the exponent, to 10⁻⁷ at 10⁹.
 */
final class ComplexPower {
  private final Precise power = new Precise();
  private final Precise square = new Precise();

  /** Computes (re + i·im)^exponent. */
  void compute(double re, double im, long exponent) {
    power.set(1, 0);
    square.set(re, im);
    for (long left = exponent; left > 0; left >>= 1) {
      if ((left & 1) == 1) {
        power.multiply(square);
      }
      square.multiply(square);
    }
  }

  /** Real part of the power. */
  double re() {
    return power.re;
  }

  /** Imaginary part of the power. */
  double im() {
    return power.im;
  }

  private static final class Precise {
    private double re;
    private double reLow;
    private double im;
    private double imLow;

    void set(double newRe, double newIm) {
      re = newRe;
      im = newIm;
      reLow = 0;
      imLow = 0;
    }

    /** The factor may be this. */
    void multiply(Precise by) {
      double sameRe = re * by.re;
      double sameIm = -im * by.im;
      double newRe = sameRe + sameIm;
      double newReLow =
          sumError(sameRe, sameIm, newRe)
              + (Math.fma(re, by.re, -sameRe) + Math.fma(-im, by.im, -sameIm))
              + (re * by.reLow + reLow * by.re - im * by.imLow - imLow * by.im);
      double crossRe = re * by.im;
      double crossIm = im * by.re;
      double newIm = crossRe + crossIm;
      double newImLow =
          sumError(crossRe, crossIm, newIm)
              + (Math.fma(re, by.im, -crossRe) + Math.fma(im, by.re, -crossIm))
              + (re * by.imLow + reLow * by.im + im * by.reLow + imLow * by.re);
      re = newRe + newReLow;
      reLow = newReLow - (re - newRe);
      im = newIm + newImLow;
      imLow = newImLow - (im - newIm);
    }

    /** What rounding took from a + b. */
    private static double sumError(double a, double b, double sum) {
      double part = sum - a;
      return (a - (sum - part)) + (b - part);
    }
  }
}
