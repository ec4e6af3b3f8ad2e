package dev.megalodon.kernels.host;

import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.getByte;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm.MomentGradient;
import dev.megalodon.kernels.TimestepNorm.Saved;
import dev.megalodon.kernels.TimestepNorm.State;
import dev.megalodon.kernels.TimestepNorm.StateGradient;
import java.util.List;
import java.util.Optional;

/** What joins the slices of a timestep norm: a few numbers per sequence and group. */
public final class HostMoments {
  private HostMoments() {}

  /** The state after all pieces, each given by its own moments; {@code result} may be one. */
  public static void merge(List<State> pieces, State result) {
    long groups = result.mean().dim(-1);
    for (long at = 0; at < result.mean().size(); at++) {
      Moments moments = Moments.of(pieces.getFirst(), at / groups, at);
      for (State piece : pieces.subList(1, pieces.size())) {
        moments = moments.merge(Moments.of(piece, at / groups, at));
      }
      set(result.mean(), at, moments.mean);
      set(result.variance(), at, moments.variance);
    }
    for (long b = 0; b < result.count().size(); b++) {
      double count = 0;
      for (State piece : pieces) {
        count += get(piece.count(), b);
      }
      set(result.count(), b, count);
    }
  }

  private record Moments(double count, double mean, double variance) {
    static Moments of(State state, long b, long at) {
      return new Moments(get(state.count(), b), get(state.mean(), at), get(state.variance(), at));
    }

    Moments merge(Moments next) {
      if (next.count == 0) {
        return this;
      }
      if (count == 0) {
        return next;
      }
      double total = count + next.count;
      double share = next.count / total;
      double delta = next.mean - mean;
      double within = (1 - share) * variance + share * next.variance;
      return new Moments(total, mean + share * delta, within + share * (1 - share) * delta * delta);
    }
  }

  /** The gradient of the state after a piece, from the sums of all pieces that follow. */
  public static void stateGradient(
      List<MomentGradient> later,
      Optional<Tensor> padding,
      State in,
      Saved saved,
      StateGradient result) {
    int batch = Math.toIntExact(in.count().size());
    int groups = Math.toIntExact(in.mean().size() / batch);
    long length = saved.mean().size() / ((long) batch * groups);
    for (int b = 0; b < batch; b++) {
      double count = get(in.count(), b) + validSteps(padding, b, length);
      for (int g = 0; g < groups; g++) {
        double mean = get(saved.mean(), (b * length + length - 1) * groups + g);
        stateGradient(later, count, mean, (long) b * groups + g, result);
      }
    }
  }

  private static double validSteps(Optional<Tensor> padding, int b, long length) {
    double steps = 0;
    for (long t = b * length; t < (b + 1) * length; t++) {
      steps += padding.isPresent() && getByte(padding.get(), t) != 0 ? 0 : 1;
    }
    return steps;
  }

  private static void stateGradient(
      List<MomentGradient> later, double count, double mean, long at, StateGradient result) {
    double first = 0;
    double second = 0;
    for (MomentGradient sums : later) {
      double q = get(sums.second(), at);
      first += get(sums.first(), at) + 2 * (mean - get(sums.origin(), at)) * q;
      second += q;
    }
    set(result.mean(), at, count * first);
    set(result.variance(), at, count * second);
  }
}
