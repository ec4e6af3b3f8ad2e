package dev.megalodon.trainer.bench;

import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.parallel.cost.LayerTimes;
import dev.megalodon.trainer.parallel.cost.SummaryBytes;

/** What one rank of a chunk group does in a step. */
interface Workload extends AutoCloseable {
  /** Forward and backward pass of one micro-batch. */
  void step(ChunkExchange exchange);

  /** Layers of the model. */
  int layers();

  /** What this rank's computation takes. */
  LayerTimes times();

  /** What this rank says. */
  SummaryBytes bytes();

  @Override
  void close();
}
