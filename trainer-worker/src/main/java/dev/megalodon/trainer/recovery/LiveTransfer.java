package dev.megalodon.trainer.recovery;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.optimizer.OptimizerShard;
import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.parallel.NeighbourExchange;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Makes the state of living ranks whole again. A newcomer gets its own part from the rank after it,
 * which kept it as its buddy's, and from the rank before it that rank's own part, to keep from now
 * on; then all ranks collect the parameters, since a gather may have been interrupted.
 */
public final class LiveTransfer {
  private final FlatTensors parameters;
  private final OptimizerShard own;
  private final OptimizerShard buddy;
  private final Optional<CarriedReplicas> carried;

  /**
   * Transfers between these places and those of other ranks.
   *
   * @param own this rank's shard
   * @param buddy the shard of the rank before
   * @param carried what sequences carry, if they do
   */
  public LiveTransfer(
      FlatTensors parameters,
      OptimizerShard own,
      OptimizerShard buddy,
      Optional<CarriedReplicas> carried) {
    this.parameters = parameters;
    this.own = own;
    this.buddy = buddy;
    this.carried = carried;
  }

  /**
   * Runs with all ranks of an epoch; afterwards every rank has all of the state.
   *
   * @param newcomers ranks that have none of it; no two of them neighbours
   */
  public void run(List<Integer> newcomers, Collectives collectives, NeighbourExchange neighbours) {
    int next = neighbours.next();
    int previous = neighbours.previous();
    if (newcomers.contains(own.rank())) {
      ownPart().forEach(tensor -> neighbours.receive(next, tensor.memory()));
      buddyPart().forEach(tensor -> neighbours.receive(previous, tensor.memory()));
    }
    // Nobody sends before everybody has said where it goes: parts may be as large as memory.
    collectives.barrier();
    if (newcomers.contains(previous)) {
      keptPart().forEach(tensor -> neighbours.send(previous, tensor.memory()));
    }
    if (newcomers.contains(next)) {
      ownState().forEach(tensor -> neighbours.send(next, tensor.memory()));
    }
    neighbours.complete();
    for (FlatLayout.Bucket bucket : parameters.layout().buckets()) {
      collectives.allGather(parameters.bucket(bucket));
    }
    if (newcomers.contains(own.rank())) {
      carried.ifPresent(CarriedReplicas::discard);
    }
  }

  /** What a newcomer receives as its own: parameters of its slices, optimizer, carried states. */
  private Stream<Tensor> ownPart() {
    return Stream.concat(slices(own.rank()), ownState());
  }

  /** What a newcomer receives to keep for the rank before it. */
  private Stream<Tensor> buddyPart() {
    return Stream.concat(buddy.tensors().stream(), carried(CarriedReplicas::buddys));
  }

  /** What a newcomer gets back from the rank after it. */
  private Stream<Tensor> keptPart() {
    return Stream.concat(slices(buddy.rank()), buddyPart());
  }

  private Stream<Tensor> ownState() {
    return Stream.concat(own.tensors().stream(), carried(CarriedReplicas::own));
  }

  private Stream<Tensor> carried(Function<CarriedReplicas, List<Tensor>> which) {
    return carried.stream().map(which).flatMap(List::stream);
  }

  private Stream<Tensor> slices(int rank) {
    return parameters.layout().buckets().stream().map(bucket -> parameters.slice(bucket, rank));
  }
}
