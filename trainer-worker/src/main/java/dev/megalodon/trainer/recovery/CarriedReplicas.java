package dev.megalodon.trainer.recovery;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.CarriedStates;
import dev.megalodon.trainer.parallel.NeighbourExchange;
import java.util.List;

/**
 * Copies of what sequences carry from step to step. A forward pass overwrites the carried states,
 * so a step that is made again needs them as they were before it; and a rank that dies takes its
 * own with it, so the rank after it keeps a copy.
 */
public final class CarriedReplicas {
  private final List<Tensor> working;
  private final List<Tensor> committed;
  private final List<Tensor> buddyPending;
  private final List<Tensor> buddyCommitted;

  /** Memory for copies of {@code working}, and of another rank's alike. */
  public CarriedReplicas(CarriedStates working, Allocator memory) {
    this.working = working.tensors().stream().flatMap(states -> states.values().stream()).toList();
    this.committed = allocateLike(this.working, memory);
    this.buddyPending = allocateLike(this.working, memory);
    this.buddyCommitted = allocateLike(this.working, memory);
  }

  private static List<Tensor> allocateLike(List<Tensor> tensors, Allocator memory) {
    return tensors.stream().map(t -> memory.allocate(t.type(), t.dims())).toList();
  }

  /** Hands the working states to the next rank and takes those of the rank before. */
  public void exchange(NeighbourExchange neighbours) {
    buddyPending.forEach(tensor -> neighbours.receive(neighbours.previous(), tensor.memory()));
    working.forEach(tensor -> neighbours.send(neighbours.next(), tensor.memory()));
    neighbours.complete();
  }

  /** The step is done: what was exchanged last counts. */
  public void commit() {
    copy(working, committed);
    copy(buddyPending, buddyCommitted);
  }

  /** The step in flight is not done: the states are again as they were before it. */
  public void discard() {
    copy(committed, working);
  }

  /** This rank's states as of the last step that is done. */
  List<Tensor> own() {
    return committed;
  }

  /** Those of the rank before. */
  List<Tensor> buddys() {
    return buddyCommitted;
  }

  private static void copy(List<Tensor> from, List<Tensor> to) {
    for (int i = 0; i < from.size(); i++) {
      to.get(i).memory().copyFrom(from.get(i).memory());
    }
  }
}
