package dev.megalodon.trainer.verify;

import com.fasterxml.jackson.databind.JsonNode;
import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import java.util.Arrays;

/** The complex moving average: coefficients, kernel, values, states and gradients. */
final class CemaCheck implements Cases {
  @Override
  public void run(GoldenFile file, JsonNode config) throws IOException {
    Device device = file.device();
    Tensor x = file.input("x");
    Cema.Parameters parameters = parameters(file);
    Cema.Saved saved = saved(file, x.dim(0), x.dim(1));
    Tensor stateOut = zeroState(file);
    Tensor y = file.garbageLike("x");
    Tensor stateIn = file.has("h") ? file.input("h", device.accumulationType()) : zeroState(file);
    device.cema().forward(x, parameters, stateIn, y, saved, stateOut);
    file.expect("coef_p", saved.coefficients().p(), Quantity.OPERATION);
    file.expect("coef_q", saved.coefficients().q(), Quantity.OPERATION);
    file.expect("coef_g", saved.coefficients().g(), Quantity.OPERATION);
    file.expect("y", y, Quantity.OPERATION);
    file.expect("h_out", stateOut, Quantity.OPERATION);
    kernel(file, parameters);
    backward(file, x, parameters, saved);
  }

  private static void backward(
      GoldenFile file, Tensor x, Cema.Parameters parameters, Cema.Saved saved) throws IOException {
    Tensor dx = file.input("dy");
    Tensor dStateOut = file.input("dh_out", file.device().accumulationType());
    Tensor dStateIn = zeroState(file);
    Cema.Parameters gradients =
        new Cema.Parameters(
            file.like("alpha"),
            file.like("delta"),
            file.like("theta"),
            file.like("gamma"),
            file.like("omega"));
    file.device().cema().backward(dx, x, parameters, saved, dStateOut, dx, gradients, dStateIn);
    file.expect("dx", dx, Quantity.OPERATION);
    file.expect("dalpha", gradients.alpha(), Quantity.OPERATION);
    file.expect("ddelta", gradients.delta(), Quantity.OPERATION);
    file.expect("dtheta", gradients.theta(), Quantity.OPERATION);
    file.expect("dgamma", gradients.gamma(), Quantity.OPERATION);
    file.expect("domega", gradients.omega(), Quantity.OPERATION);
    if (file.has("dh")) {
      file.expect("dh", dStateIn, Quantity.OPERATION);
    }
  }

  /** The answer to a single 1 in every channel, without the skip connection: (D, L). */
  private static void kernel(GoldenFile file, Cema.Parameters parameters) throws IOException {
    Device device = file.device();
    int channels = file.dim("kernel", 0);
    int length = file.dim("kernel", 1);
    double[] impulse = new double[length * channels];
    Arrays.fill(impulse, 0, channels, 1);
    Tensor x = device.allocate(device.elementType(), 1, length, channels);
    device.transfer().write(impulse, x);
    Cema.Parameters noSkip =
        new Cema.Parameters(
            parameters.alpha(),
            parameters.delta(),
            parameters.theta(),
            parameters.gamma(),
            file.like("omega"));
    long modes = file.dim("h_out", 2);
    Tensor state = device.allocate(device.accumulationType(), 1, channels, modes, 2);
    Tensor y = device.allocate(device.elementType(), 1, length, channels);
    device.cema().forward(x, noSkip, state, y, saved(file, 1, length), state);
    double[] byStep = device.transfer().toDoubles(y);
    double[] byChannel = new double[byStep.length];
    for (int t = 0; t < length; t++) {
      for (int d = 0; d < channels; d++) {
        byChannel[d * length + t] = byStep[t * channels + d];
      }
    }
    file.expect("kernel", byChannel, Quantity.OPERATION);
  }

  private static Cema.Saved saved(GoldenFile file, long batch, long length) throws IOException {
    Device device = file.device();
    return Cema.Saved.allocate(
        device, device, batch, length, file.dim("h_out", 1), file.dim("h_out", 2));
  }

  private static Tensor zeroState(GoldenFile file) throws IOException {
    return file.device().allocate(file.device().accumulationType(), file.dims("h_out"));
  }

  private static Cema.Parameters parameters(GoldenFile file) throws IOException {
    return new Cema.Parameters(
        file.input("alpha"),
        file.input("delta"),
        file.input("theta"),
        file.input("gamma"),
        file.input("omega"));
  }
}
