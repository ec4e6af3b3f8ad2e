package dev.megalodon.trainer.training;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.checkpoint.FileDigest;
import dev.megalodon.trainer.parallel.Collectives;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Tells every rank which files all ranks have written, so that rank 0 can list them without reading
 * them. Travels as numbers in double: whether the rank succeeded, how many files, and of each its
 * size and the bytes of its SHA-256 and name.
 */
final class DigestExchange {
  private static final int MAX_FILES = 3;
  private static final int DIGEST_BYTES = 32;
  private static final int NAME_BYTES = 64;
  private static final int FILE_FIELDS = 1 + DIGEST_BYTES + NAME_BYTES;
  private static final int RANK_FIELDS = 2 + MAX_FILES * FILE_FIELDS;

  private DigestExchange() {}

  /**
   * Exchanges the digests of the files of a checkpoint.
   *
   * @param own what this rank wrote, at most three files with ASCII names of at most 64 bytes;
   *     empty when it could not
   * @return all files in rank order; empty when any rank failed
   */
  static Optional<List<FileDigest>> exchange(
      Collectives collectives, Optional<List<FileDigest>> own) {
    int worldSize = collectives.worldSize();
    long size = (long) worldSize * RANK_FIELDS;
    Tensor all =
        new Tensor(
            ElementType.FLOAT64, Arena.ofAuto().allocate(ValueLayout.JAVA_DOUBLE, size), size);
    own.ifPresent(files -> write(rank(all, collectives.rank()), files));
    collectives.allGather(all);
    List<FileDigest> files = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      Tensor fields = rank(all, rank);
      if (get(fields, 0) != 1) {
        return Optional.empty();
      }
      for (int file = 0; file < get(fields, 1); file++) {
        files.add(read(fields, fileAt(file)));
      }
    }
    return Optional.of(files);
  }

  private static Tensor rank(Tensor all, int rank) {
    return all.view((long) rank * RANK_FIELDS, RANK_FIELDS);
  }

  private static int fileAt(int file) {
    return 2 + file * FILE_FIELDS;
  }

  private static void write(Tensor fields, List<FileDigest> files) {
    if (files.size() > MAX_FILES) {
      throw new IllegalArgumentException(
          "a rank writes at most %d files of a checkpoint, not %s".formatted(MAX_FILES, files));
    }
    set(fields, 0, 1);
    set(fields, 1, files.size());
    for (int file = 0; file < files.size(); file++) {
      write(fields, fileAt(file), files.get(file));
    }
  }

  private static void write(Tensor fields, int at, FileDigest file) {
    set(fields, at, file.size());
    writeBytes(fields, at + 1, HexFormat.of().parseHex(file.sha256()));
    byte[] name = file.name().getBytes(StandardCharsets.US_ASCII);
    if (name.length > NAME_BYTES) {
      throw new IllegalArgumentException(
          "the name %s has more than %d bytes".formatted(file.name(), NAME_BYTES));
    }
    writeBytes(fields, at + 1 + DIGEST_BYTES, name);
  }

  private static FileDigest read(Tensor fields, int at) {
    byte[] digest = readBytes(fields, at + 1, DIGEST_BYTES);
    byte[] padded = readBytes(fields, at + 1 + DIGEST_BYTES, NAME_BYTES);
    String name = new String(padded, StandardCharsets.US_ASCII).replace("\0", "");
    return new FileDigest(name, (long) get(fields, at), HexFormat.of().formatHex(digest));
  }

  private static void writeBytes(Tensor fields, int at, byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      set(fields, at + i, bytes[i]);
    }
  }

  private static byte[] readBytes(Tensor fields, int at, int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) get(fields, at + i);
    }
    return bytes;
  }

  private static double get(Tensor fields, int field) {
    return fields.memory().getAtIndex(ValueLayout.JAVA_DOUBLE, field);
  }

  private static void set(Tensor fields, int field, double value) {
    fields.memory().setAtIndex(ValueLayout.JAVA_DOUBLE, field, value);
  }
}
