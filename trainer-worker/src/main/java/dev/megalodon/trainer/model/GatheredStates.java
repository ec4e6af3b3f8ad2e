package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import dev.megalodon.trainer.parallel.ChunkGroup;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One all-gather of small summaries for each state and direction ("Chunk parallelism" in the
 * design). Forward, a rank contributes the state that its slice reaches by itself: the moments of
 * its steps, and u. Backward, what its outputs by themselves add to the gradients before it. Every
 * rank combines those of the ranks before it, or after it.
 *
 * <p>The first rank begins with the state before the sequence and the last with the gradient of the
 * state after it, so that both are in their summaries. What nobody reads, the last rank's summary
 * forward and the first one's backward, is not computed.
 */
final class GatheredStates implements StateExchange {
  private final Device device;
  private final SequenceShare share;
  private final TimestepNorm.State noSteps;
  private final Tensor noAverage; // (B, D, N, 2)
  private final TimestepNorm.StateGradient noGradient;
  private final Tensor normBuffer; // (R, B + 2·B·G)
  private final List<TimestepNorm.State> moments;
  private final Tensor sumsBuffer; // (R, 3·B·G)
  private final List<TimestepNorm.MomentGradient> sums;
  private final Tensor averageBuffer; // (R, B, D, N, 2)
  private final List<Cema.Slice> averages;

  /** Allocates for {@code batch} sequences. */
  GatheredStates(Device device, ModelConfig config, long batch, SequenceShare share) {
    this.device = device;
    this.share = share;
    int ranks = share.group().size();
    long groups = config.normGroups();
    noSteps = BlockState.freshNorm(device, device, config, batch);
    noGradient = TimestepNorm.StateGradient.allocate(device, batch, groups);
    normBuffer = device.allocate(ElementType.FLOAT64, ranks, StateMessages.normSize(batch, groups));
    moments =
        ofRanks(normBuffer).map(message -> StateMessages.norm(message, batch, groups)).toList();
    sumsBuffer = device.allocate(ElementType.FLOAT64, ranks, 3 * batch * groups);
    sums = ofRanks(sumsBuffer).map(message -> StateMessages.sums(message, batch, groups)).toList();
    long[] state = {batch, config.modelDim(), config.cemaDim(), 2};
    noAverage = device.allocate(device.accumulationType(), state);
    averageBuffer = device.allocate(device.accumulationType(), ranks, noAverage.size());
    averages =
        IntStream.range(0, ranks)
            .mapToObj(
                rank ->
                    new Cema.Slice(
                        share.lengths().get(rank), averageBuffer.slice(rank, 1).reshape(state)))
            .toList();
  }

  /** Every rank's share of a buffer. */
  private static Stream<Tensor> ofRanks(Tensor buffer) {
    return IntStream.range(0, Math.toIntExact(buffer.dim(0)))
        .mapToObj(rank -> buffer.slice(rank, 1));
  }

  private int rank() {
    return share.group().rank();
  }

  private <T> List<T> before(List<T> ofRanks) {
    return ofRanks.subList(0, rank());
  }

  private <T> List<T> after(List<T> ofRanks) {
    return ofRanks.subList(rank() + 1, ofRanks.size());
  }

  @Override
  public void bringNorm(Tensor x, TimestepNorm.State in) {
    TimestepNorm norm = device.timestepNorm();
    if (!share.isLast()) {
      norm.advance(x, Optional.empty(), share.isFirst() ? in : noSteps, moments.get(rank()));
    }
    share.group().beginAllGather(normBuffer).await();
    if (!share.isFirst()) {
      norm.merge(before(moments), in);
    }
  }

  @Override
  public void passNorm(TimestepNorm.State out) {}

  @Override
  public Arrival beginAverage(
      Tensor t, Cema.Parameters parameters, Cema.Coefficients coefficients, Tensor in) {
    device.cema().coefficients(parameters, coefficients);
    if (!share.isLast()) {
      Tensor start = share.isFirst() ? in : noAverage;
      device.cema().advance(t, coefficients, start, averages.get(rank()).reached());
    }
    ChunkGroup.PendingGather gather = share.group().beginAllGather(averageBuffer);
    return () -> {
      gather.await();
      if (!share.isFirst()) {
        device.cema().combine(coefficients, before(averages), in);
      }
    };
  }

  @Override
  public void passAverage(Tensor out) {}

  @Override
  public Arrival beginAverageGradient(Tensor dy, Cema.Coefficients coefficients, Tensor dStateOut) {
    if (!share.isFirst()) {
      Tensor start = share.isLast() ? dStateOut : noAverage;
      device.cema().retreat(dy, coefficients, start, averages.get(rank()).reached());
    }
    ChunkGroup.PendingGather gather = share.group().beginAllGather(averageBuffer);
    return () -> {
      gather.await();
      if (!share.isLast()) {
        device.cema().combineGradients(coefficients, after(averages), dStateOut);
      }
    };
  }

  @Override
  public void passAverageGradient(Tensor dStateIn) {}

  @Override
  public Arrival beginNormGradient(NormPass pass, TimestepNorm.StateGradient dStateOut) {
    TimestepNorm norm = device.timestepNorm();
    if (!share.isFirst()) {
      norm.momentGradient(
          pass.dy(),
          pass.x(),
          pass.weight(),
          Optional.empty(),
          pass.in(),
          pass.saved(),
          share.isLast() ? dStateOut : noGradient,
          sums.get(rank()));
    }
    ChunkGroup.PendingGather gather = share.group().beginAllGather(sumsBuffer);
    return () -> {
      gather.await();
      if (!share.isLast()) {
        norm.stateGradientOut(after(sums), Optional.empty(), pass.in(), pass.saved(), dStateOut);
      }
    };
  }

  @Override
  public void passNormGradient(TimestepNorm.StateGradient dStateIn) {}
}
