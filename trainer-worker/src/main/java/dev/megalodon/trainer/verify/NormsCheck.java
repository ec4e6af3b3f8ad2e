package dev.megalodon.trainer.verify;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import java.util.Optional;

/** RMS norm with and without weights, layer norm, and queries and keys. */
final class NormsCheck implements GoldenCheck {
  @Override
  public void run(GoldenFile file) throws IOException {
    double epsilon = file.config("eps").doubleValue();
    rmsNorm(file.at("rms_affine."), epsilon);
    rmsNorm(file.at("rms_plain."), epsilon);
    layerNorm(file.at("layernorm."), epsilon);
    queriesAndKeys(file.at("qk."), epsilon, file.config("H").intValue());
  }

  private static void rmsNorm(GoldenFile file, double epsilon) throws IOException {
    Device device = file.device();
    boolean scaled = file.has("weight");
    Tensor x = file.input("x");
    Optional<Tensor> weight = scaled ? Optional.of(file.input("weight")) : Optional.empty();
    Optional<Tensor> dWeight = scaled ? Optional.of(file.like("weight")) : Optional.empty();
    Tensor y = file.garbageLike("x");
    Tensor inverseRms = device.allocate(device.accumulationType(), x.rows());
    device.rmsNorm().forward(x, weight, epsilon, y, inverseRms);
    Tensor dx = file.input("dy");
    device.rmsNorm().backward(dx, x, weight, inverseRms, dx, dWeight);
    file.expect("y", y, Quantity.OPERATION);
    file.expect("dx", dx, Quantity.OPERATION);
    if (scaled) {
      file.expect("dweight", dWeight.orElseThrow(), Quantity.OPERATION);
    }
  }

  private static void layerNorm(GoldenFile file, double epsilon) throws IOException {
    Device device = file.device();
    Tensor x = file.input("x");
    Tensor weight = file.input("weight");
    Tensor y = file.garbageLike("x");
    Tensor mean = device.allocate(device.accumulationType(), x.rows());
    Tensor deviation = device.allocate(device.accumulationType(), x.rows());
    Tensor dx = file.input("dy");
    Tensor dWeight = file.like("weight");
    Tensor dBias = file.like("bias");
    device.layerNorm().forward(x, weight, file.input("bias"), epsilon, y, mean, deviation);
    device.layerNorm().backward(dx, x, weight, mean, deviation, dx, dWeight, dBias);
    file.expect("y", y, Quantity.OPERATION);
    file.expect("dx", dx, Quantity.OPERATION);
    file.expect("dweight", dWeight, Quantity.OPERATION);
    file.expect("dbias", dBias, Quantity.OPERATION);
  }

  private static void queriesAndKeys(GoldenFile file, double epsilon, int heads)
      throws IOException {
    Device device = file.device();
    Tensor u = file.input("z");
    Tensor gamma = file.input("gamma");
    Tensor q = file.garbageLike("z");
    Tensor k = file.garbageLike("z");
    Tensor inverseRms = device.allocate(device.accumulationType(), u.dim(0), u.dim(1), heads);
    device.queryKey().forward(u, gamma, file.input("beta"), heads, epsilon, q, k, inverseRms);
    Tensor du = file.input("dq_in");
    Tensor dGamma = file.like("gamma");
    Tensor dBeta = file.like("beta");
    device
        .queryKey()
        .backward(du, file.input("dk_in"), u, gamma, heads, inverseRms, du, dGamma, dBeta);
    file.expect("q_out", q, Quantity.OPERATION);
    file.expect("k_out", k, Quantity.OPERATION);
    file.expect("dz", du, Quantity.OPERATION);
    file.expect("dgamma", dGamma, Quantity.OPERATION);
    file.expect("dbeta", dBeta, Quantity.OPERATION);
  }
}
