package dev.megalodon.kernels.reference;

import static dev.megalodon.kernels.host.HostElements.addTo;
import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.QueryKey;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.HeadsShape;
import dev.megalodon.kernels.shape.Shapes;

/** ẑ = u·ρ per head; q and k are affine in ẑ. */
final class ReferenceQueryKey implements QueryKey {
  @Override
  public void forward(
      Tensor u,
      Tensor gamma,
      Tensor beta,
      int heads,
      double epsilon,
      Tensor q,
      Tensor k,
      Tensor inverseRms) {
    HeadsShape shape = HeadsShape.of("u", u, heads);
    checkParameters(shape, gamma, beta, inverseRms);
    Shapes.expect("q", q, shape.size());
    Shapes.expect("k", k, shape.size());
    int width = shape.width();
    double root = Math.sqrt(width);
    for (long row = 0; row < shape.steps() * heads; row++) {
      double squares = 0;
      for (int i = 0; i < width; i++) {
        squares += get(u, row * width + i) * get(u, row * width + i);
      }
      double rho = 1 / Math.sqrt(squares / width + epsilon);
      set(inverseRms, row, rho);
      for (int i = 0; i < width; i++) {
        double normalized = get(u, row * width + i) * rho;
        long column = row % heads * width + i;
        long keyColumn = shape.columns() + column;
        set(q, row * width + i, normalized * (get(gamma, column) + 1) / root + get(beta, column));
        set(
            k,
            row * width + i,
            normalized * (get(gamma, keyColumn) + 1) / root + get(beta, keyColumn));
      }
    }
  }

  private static void checkParameters(
      HeadsShape shape, Tensor gamma, Tensor beta, Tensor inverseRms) {
    Shapes.expect("gamma", gamma, 2L * shape.columns());
    Shapes.expect("beta", beta, 2L * shape.columns());
    Shapes.expect("inverseRms", inverseRms, shape.steps() * shape.heads());
  }

  /** dẑ = (dq·(γ₀ + 1) + dk·(γ₁ + 1))/√z, then as for a norm without weight. */
  @Override
  public void backward(
      Tensor dq,
      Tensor dk,
      Tensor u,
      Tensor gamma,
      int heads,
      Tensor inverseRms,
      Tensor du,
      Tensor dGamma,
      Tensor dBeta) {
    HeadsShape shape = HeadsShape.of("u", u, heads);
    checkParameters(shape, gamma, dBeta, inverseRms);
    Shapes.expect("dGamma", dGamma, gamma.size());
    Shapes.expect("dq", dq, shape.size());
    Shapes.expect("dk", dk, shape.size());
    Shapes.expect("du", du, shape.size());
    int width = shape.width();
    double root = Math.sqrt(width);
    double[] dNormalized = new double[width];
    for (long row = 0; row < shape.steps() * heads; row++) {
      double rho = get(inverseRms, row);
      double product = 0;
      for (int i = 0; i < width; i++) {
        long at = row * width + i;
        long column = row % heads * width + i;
        long keyColumn = shape.columns() + column;
        double normalized = get(u, at) * rho;
        addTo(dGamma, column, get(dq, at) * normalized / root);
        addTo(dGamma, keyColumn, get(dk, at) * normalized / root);
        addTo(dBeta, column, get(dq, at));
        addTo(dBeta, keyColumn, get(dk, at));
        dNormalized[i] =
            (get(dq, at) * (get(gamma, column) + 1) + get(dk, at) * (get(gamma, keyColumn) + 1))
                / root;
        product += dNormalized[i] * normalized;
      }
      for (int i = 0; i < width; i++) {
        double normalized = get(u, row * width + i) * rho;
        set(du, row * width + i, rho * (dNormalized[i] - normalized * product / width));
      }
    }
  }
}
