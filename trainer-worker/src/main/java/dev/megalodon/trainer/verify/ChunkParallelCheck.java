package dev.megalodon.trainer.verify;

import java.io.IOException;

final class ChunkParallelCheck implements GoldenCheck {
  @Override
  public void run(GoldenFile file) throws IOException {
  }
}
