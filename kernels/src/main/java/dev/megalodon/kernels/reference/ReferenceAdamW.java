package dev.megalodon.kernels.reference;

import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.AdamW;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.Shapes;

/** The update as Loshchilov and Hutter (2019) write it. */
final class ReferenceAdamW implements AdamW {
  @Override
  public void update(
      Tensor parameters,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      Settings settings) {
    Shapes.expect("gradients", gradients, parameters.size());
    Shapes.expect("firstMoment", firstMoment, parameters.size());
    Shapes.expect("secondMoment", secondMoment, parameters.size());
    double beta1 = settings.beta1();
    double beta2 = settings.beta2();
    double firstCorrection = 1 - Math.pow(beta1, settings.step());
    double secondCorrection = 1 - Math.pow(beta2, settings.step());
    for (long i = 0; i < parameters.size(); i++) {
      double g = get(gradients, i) * settings.gradientScale();
      double m = beta1 * get(firstMoment, i) + (1 - beta1) * g;
      double s = beta2 * get(secondMoment, i) + (1 - beta2) * g * g;
      double decayed = get(parameters, i) * (1 - settings.learningRate() * settings.weightDecay());
      double root = Math.sqrt(s) / Math.sqrt(secondCorrection) + settings.epsilon();
      set(firstMoment, i, m);
      set(secondMoment, i, s);
      set(parameters, i, decayed - settings.learningRate() / firstCorrection * m / root);
    }
  }
}
