package dev.megalodon.trainer.training;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.checkpoint.FileDigest;
import dev.megalodon.trainer.parallel.Collectives;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Tells every rank which files all ranks have written, so that rank 0 can list them without reading
 * them, or why a rank could not. Travels as numbers in double: whether the rank succeeded and how
 * many files there are, of each its size and the bytes of its SHA-256 and name; or how many bytes
 * the reason has, and those.
 */
final class DigestExchange {
  private static final int MAX_FILES = 3;
  private static final int DIGEST_BYTES = 32;
  private static final int NAME_BYTES = 64;
  private static final int FILE_FIELDS = 1 + DIGEST_BYTES + NAME_BYTES;
  private static final String ELLIPSIS = " ... ";
  private static final int HEAD_FIELDS = 2;
  private static final int RANK_FIELDS = HEAD_FIELDS + MAX_FILES * FILE_FIELDS;

  /** What there is room for of a reason. */
  static final int REASON_BYTES = RANK_FIELDS - HEAD_FIELDS;

  private DigestExchange() {}

  /**
   * Exchanges the digests of the files of a checkpoint.
   *
   * @param own what this rank wrote, at most three files with ASCII names of at most 64 bytes
   * @return what became of every rank's part, in rank order; reasons in ASCII, long ones without
   *     their middle
   */
  static List<RankFiles> exchange(Collectives collectives, RankFiles own) {
    int worldSize = collectives.worldSize();
    long size = (long) worldSize * RANK_FIELDS;
    Tensor all =
        new Tensor(
            ElementType.FLOAT64, Arena.ofAuto().allocate(ValueLayout.JAVA_DOUBLE, size), size);
    Tensor fields = rank(all, collectives.rank());
    switch (own) {
      case RankFiles.Written written -> write(fields, written.files());
      case RankFiles.Failed failed -> write(fields, ascii(failed.reason()));
    }
    collectives.allGather(all);
    return IntStream.range(0, worldSize).mapToObj(rank -> read(rank(all, rank))).toList();
  }

  private static RankFiles read(Tensor fields) {
    int count = (int) get(fields, 1);
    if (get(fields, 0) != 1) {
      byte[] reason = readBytes(fields, HEAD_FIELDS, count);
      return new RankFiles.Failed(new String(reason, StandardCharsets.US_ASCII));
    }
    return new RankFiles.Written(
        IntStream.range(0, count).mapToObj(file -> read(fields, fileAt(file))).toList());
  }

  /** The beginning, which names the file, and the end, which says what is wrong. */
  private static byte[] ascii(String reason) {
    String kept = reason;
    if (reason.length() > REASON_BYTES) {
      int half = (REASON_BYTES - ELLIPSIS.length()) / 2;
      kept = reason.substring(0, half) + ELLIPSIS + reason.substring(reason.length() - half);
    }
    return kept.getBytes(StandardCharsets.US_ASCII);
  }

  private static void write(Tensor fields, byte[] reason) {
    set(fields, 0, 0);
    set(fields, 1, reason.length);
    writeBytes(fields, HEAD_FIELDS, reason);
  }

  private static Tensor rank(Tensor all, int rank) {
    return all.view((long) rank * RANK_FIELDS, RANK_FIELDS);
  }

  private static int fileAt(int file) {
    return HEAD_FIELDS + file * FILE_FIELDS;
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
