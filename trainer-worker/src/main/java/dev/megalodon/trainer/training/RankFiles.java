package dev.megalodon.trainer.training;

import dev.megalodon.trainer.checkpoint.FileDigest;
import java.util.List;

/** What became of one rank's part of a checkpoint. */
sealed interface RankFiles {
  /** All files are on the disk. */
  record Written(List<FileDigest> files) implements RankFiles {
    public Written {
      files = List.copyOf(files);
    }
  }

  /** They are not. */
  record Failed(String reason) implements RankFiles {}
}
