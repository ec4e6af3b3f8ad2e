package dev.megalodon.trainer.training;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.checkpoint.FileDigest;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.parallel.Collectives;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Tells every rank what each rank wrote, as numbers in an all-gather: rank r's slice is [1 when it
 * could be written, size, the 32 bytes of the SHA-256].
 */
final class DigestExchange {
  private static final int DIGEST_BYTES = 32;
  private static final int FIELDS = 2 + DIGEST_BYTES;

  private DigestExchange() {}

  /**
   * Exchanges the digests of the optimizer shards.
   *
   * @param own this rank's; empty when it could not be written
   * @return all of them in rank order; empty when any rank failed
   */
  static Optional<List<FileDigest>> exchange(Collectives collectives, Optional<FileDigest> own) {
    int worldSize = collectives.worldSize();
    Tensor fields =
        new Tensor(
            ElementType.FLOAT64,
            Arena.ofAuto().allocate(ValueLayout.JAVA_DOUBLE, (long) worldSize * FIELDS),
            (long) worldSize * FIELDS);
    own.ifPresent(digest -> write(fields, collectives.rank(), digest));
    collectives.allGather(fields);
    List<FileDigest> all = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      if (get(fields, rank, 0) != 1) {
        return Optional.empty();
      }
      all.add(read(fields, rank, Manifest.optimizerShard(rank, worldSize)));
    }
    return Optional.of(all);
  }

  private static void write(Tensor fields, int rank, FileDigest digest) {
    set(fields, rank, 0, 1);
    set(fields, rank, 1, digest.size());
    byte[] bytes = HexFormat.of().parseHex(digest.sha256());
    for (int i = 0; i < DIGEST_BYTES; i++) {
      set(fields, rank, 2 + i, bytes[i]);
    }
  }

  private static FileDigest read(Tensor fields, int rank, String name) {
    byte[] bytes = new byte[DIGEST_BYTES];
    for (int i = 0; i < DIGEST_BYTES; i++) {
      bytes[i] = (byte) get(fields, rank, 2 + i);
    }
    long size = (long) get(fields, rank, 1);
    return new FileDigest(name, size, HexFormat.of().formatHex(bytes));
  }

  private static double get(Tensor fields, int rank, int field) {
    return fields.memory().getAtIndex(ValueLayout.JAVA_DOUBLE, (long) rank * FIELDS + field);
  }

  private static void set(Tensor fields, int rank, int field, double value) {
    fields.memory().setAtIndex(ValueLayout.JAVA_DOUBLE, (long) rank * FIELDS + field, value);
  }
}
