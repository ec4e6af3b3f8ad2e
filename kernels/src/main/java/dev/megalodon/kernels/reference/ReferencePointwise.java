package dev.megalodon.kernels.reference;

import static dev.megalodon.kernels.host.HostElements.addTo;
import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.Pointwise;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.RowsShape;
import dev.megalodon.kernels.shape.Shapes;

/** Element by element. */
final class ReferencePointwise implements Pointwise {
  @Override
  public void fill(Tensor target, double value) {
    for (long i = 0; i < target.size(); i++) {
      set(target, i, value);
    }
  }

  @Override
  public void copy(Tensor source, Tensor target) {
    Shapes.expect("target", target, source.size());
    for (long i = 0; i < source.size(); i++) {
      set(target, i, get(source, i));
    }
  }

  @Override
  public void accumulate(double scale, Tensor source, Tensor target) {
    Shapes.expect("target", target, source.size());
    for (long i = 0; i < source.size(); i++) {
      addTo(target, i, scale * get(source, i));
    }
  }

  @Override
  public void add(Tensor a, Tensor b, Tensor sum) {
    Shapes.expect("b", b, a.size());
    Shapes.expect("sum", sum, a.size());
    for (long i = 0; i < a.size(); i++) {
      set(sum, i, get(a, i) + get(b, i));
    }
  }

  @Override
  public void scale(Tensor target, double factor) {
    for (long i = 0; i < target.size(); i++) {
      set(target, i, factor * get(target, i));
    }
  }

  @Override
  public void addBias(Tensor x, Tensor bias) {
    int width = RowsShape.of(x).perColumn("bias", bias).width();
    for (long i = 0; i < x.size(); i++) {
      addTo(x, i, get(bias, i % width));
    }
  }

  @Override
  public void biasGradient(Tensor dy, Tensor dBias) {
    int width = RowsShape.of(dy).perColumn("dBias", dBias).width();
    for (long i = 0; i < dy.size(); i++) {
      addTo(dBias, i % width, get(dy, i));
    }
  }

  @Override
  public void silu(Tensor x, Tensor y) {
    Shapes.expect("y", y, x.size());
    for (long i = 0; i < x.size(); i++) {
      set(y, i, silu(get(x, i)));
    }
  }

  @Override
  public void siluBackward(Tensor dy, Tensor x, Tensor dx) {
    Shapes.expect("dy", dy, x.size());
    Shapes.expect("dx", dx, x.size());
    for (long i = 0; i < x.size(); i++) {
      set(dx, i, get(dy, i) * siluDerivative(get(x, i)));
    }
  }

  @Override
  public void multiply(Tensor a, Tensor b, Tensor product) {
    Shapes.expect("b", b, a.size());
    Shapes.expect("product", product, a.size());
    for (long i = 0; i < a.size(); i++) {
      set(product, i, get(a, i) * get(b, i));
    }
  }

  @Override
  public void multiplyBackward(Tensor dProduct, Tensor a, Tensor b, Tensor da, Tensor db) {
    Shapes.expect("a", a, dProduct.size());
    Shapes.expect("b", b, dProduct.size());
    Shapes.expect("da", da, dProduct.size());
    Shapes.expect("db", db, dProduct.size());
    for (long i = 0; i < a.size(); i++) {
      double gradient = get(dProduct, i);
      set(da, i, gradient * get(b, i));
      set(db, i, gradient * get(a, i));
    }
  }

  @Override
  public void swiglu(Tensor gate, Tensor up, Tensor h) {
    Shapes.expect("up", up, gate.size());
    Shapes.expect("h", h, gate.size());
    for (long i = 0; i < gate.size(); i++) {
      set(h, i, silu(get(gate, i)) * get(up, i));
    }
  }

  @Override
  public void swigluBackward(Tensor dh, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
    Shapes.expect("gate", gate, dh.size());
    Shapes.expect("up", up, dh.size());
    Shapes.expect("dGate", dGate, dh.size());
    Shapes.expect("dUp", dUp, dh.size());
    for (long i = 0; i < gate.size(); i++) {
      double gradient = get(dh, i);
      double x = get(gate, i);
      set(dGate, i, gradient * get(up, i) * siluDerivative(x));
      set(dUp, i, gradient * silu(x));
    }
  }

  @Override
  public void scaleColumns(Tensor x, Tensor scales, Tensor y) {
    int width = RowsShape.of(x).perColumn("scales", scales).sameSize("y", y).width();
    for (long i = 0; i < x.size(); i++) {
      set(y, i, get(x, i) * get(scales, i % width));
    }
  }

  @Override
  public void scaleColumnsBackward(Tensor dy, Tensor x, Tensor scales, Tensor dx, Tensor dScales) {
    RowsShape shape = RowsShape.of(x).sameSize("dy", dy).sameSize("dx", dx);
    shape.perColumn("scales", scales).perColumn("dScales", dScales);
    for (long i = 0; i < x.size(); i++) {
      double gradient = get(dy, i);
      addTo(dScales, i % shape.width(), gradient * get(x, i));
      set(dx, i, gradient * get(scales, i % shape.width()));
    }
  }

  @Override
  public double sumOfSquares(Tensor x) {
    double sum = 0;
    for (long i = 0; i < x.size(); i++) {
      sum += get(x, i) * get(x, i);
    }
    return sum;
  }

  private static double silu(double x) {
    return x * sigmoid(x);
  }

  private static double siluDerivative(double x) {
    return sigmoid(x) * (1 + x * (1 - sigmoid(x)));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
