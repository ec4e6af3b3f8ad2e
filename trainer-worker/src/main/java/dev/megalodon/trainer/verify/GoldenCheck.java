package dev.megalodon.trainer.verify;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Computes what a kind of golden file expects, and compares. */
@FunctionalInterface
interface GoldenCheck {
  /**
   * Compares everything that the file holds.
   *
   * @throws IOException naming what the file lacks
   */
  void run(GoldenFile file) throws IOException;

  /**
   * A kind of file, known by a tensor that only it has.
   *
   * @param tensor that tensor's name
   * @param check what to do with it
   */
  record Kind(String tensor, GoldenCheck check) {}

  /** All kinds there are. */
  List<Kind> KINDS =
      List.of(
          new Kind("rank_loss_sum", new ChunkParallelCheck()),
          new Kind("pieces0", new StreamCheck()),
          new Kind("init.embed.weight", new TrainingCheck()),
          new Kind("grad.embed.weight", new ModelCheck()),
          new Kind("act.tsn", new BlockCheck()),
          new Kind("rms_affine.x", new NormsCheck()),
          new Kind("p0", new OptimizerCheck()),
          new Kind("plain.token_loss", new CrossEntropyCheck()),
          new Kind("case0.count_out", Cases.of(new TimestepNormCheck())),
          new Kind("case0.alpha", Cases.of(new CemaCheck())),
          new Kind("case0.cos", Cases.of(new RopeCheck())),
          new Kind("case0.q", Cases.of(new AttentionCheck())),
          new Kind("case0.y_in", Cases.of(new FeedForwardCheck())));

  /** The check for a file, by what is in it. */
  static Optional<GoldenCheck> find(GoldenFile file) {
    return KINDS.stream().filter(kind -> file.has(kind.tensor())).map(Kind::check).findFirst();
  }
}
