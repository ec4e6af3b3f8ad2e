package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Pointwise;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import dev.megalodon.trainer.parallel.ChunkGroup;

/**
 * The wavefront: a rank receives the state that the one before it reached, computes, and sends on
 * its own; gradients go the other way. As the reference implementation does, except that the number
 * of steps travels with the statistics, that these stay FLOAT64, and that norm and moving average
 * are sent one by one, each as soon as it is known.
 */
final class RelayedStates implements StateExchange {
  private final Pointwise pointwise;
  private final SequenceShare share;
  private final Tensor normMessage; // (B + 2·B·G)
  private final TimestepNorm.State norm;
  private final Tensor gradientMessage; // (2·B·G)
  private final TimestepNorm.StateGradient gradient;

  /** Allocates for {@code batch} sequences. */
  RelayedStates(Device device, ModelConfig config, long batch, SequenceShare share) {
    this.pointwise = device.pointwise();
    this.share = share;
    long groups = config.normGroups();
    normMessage = device.allocate(ElementType.FLOAT64, StateMessages.normSize(batch, groups));
    norm = StateMessages.norm(normMessage, batch, groups);
    gradientMessage = device.allocate(ElementType.FLOAT64, 2 * batch * groups);
    gradient = StateMessages.normGradient(gradientMessage, batch, groups);
  }

  private ChunkGroup group() {
    return share.group();
  }

  private void receiveFromBefore(Tensor message) {
    group().receive(group().rank() - 1, message);
  }

  private void receiveFromAfter(Tensor message) {
    group().receive(group().rank() + 1, message);
  }

  @Override
  public void bringNorm(Tensor x, TimestepNorm.State in) {
    if (!share.isFirst()) {
      receiveFromBefore(normMessage);
      copy(norm, in);
    }
  }

  @Override
  public void passNorm(TimestepNorm.State out) {
    if (!share.isLast()) {
      copy(out, norm);
      group().send(group().rank() + 1, normMessage);
    }
  }

  private void copy(TimestepNorm.State from, TimestepNorm.State to) {
    pointwise.copy(from.count(), to.count());
    pointwise.copy(from.mean(), to.mean());
    pointwise.copy(from.variance(), to.variance());
  }

  @Override
  public Arrival beginAverage(
      Tensor t, Cema.Parameters parameters, Cema.Coefficients coefficients, Tensor in) {
    return share.isFirst() ? Arrival.HERE : () -> receiveFromBefore(in);
  }

  @Override
  public void passAverage(Tensor out) {
    if (!share.isLast()) {
      group().send(group().rank() + 1, out);
    }
  }

  @Override
  public Arrival beginAverageGradient(Tensor dy, Cema.Coefficients coefficients, Tensor dStateOut) {
    return share.isLast() ? Arrival.HERE : () -> receiveFromAfter(dStateOut);
  }

  @Override
  public void passAverageGradient(Tensor dStateIn) {
    if (!share.isFirst()) {
      group().send(group().rank() - 1, dStateIn);
    }
  }

  @Override
  public Arrival beginNormGradient(NormPass pass, TimestepNorm.StateGradient dStateOut) {
    if (share.isLast()) {
      return Arrival.HERE;
    }
    return () -> {
      receiveFromAfter(gradientMessage);
      pointwise.copy(gradient.mean(), dStateOut.mean());
      pointwise.copy(gradient.variance(), dStateOut.variance());
    };
  }

  @Override
  public void passNormGradient(TimestepNorm.StateGradient dStateIn) {
    if (!share.isFirst()) {
      pointwise.copy(dStateIn.mean(), gradient.mean());
      pointwise.copy(dStateIn.variance(), gradient.variance());
      group().send(group().rank() - 1, gradientMessage);
    }
  }
}
