package dev.megalodon.trainer.interchange.pytorch;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The directory of a zip archive, zip64 included, whose entries are stored as they are
 * (APPNOTE.TXT, sections 4.3 and 4.5.3). Sizes come from the central directory, because the writer
 * of PyTorch leaves them out of the local headers; places come from the local headers, whose extra
 * fields differ in length from the central directory's: the writer pads there to align the data.
 */
final class ZipDirectory {
  private static final int MAX_ENTRIES = 200_000;
  private static final int MAX_NAME = 1_024;

  private static final int CENTRAL = 0x02014b50;
  private static final int CENTRAL_BYTES = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_BYTES = 30;
  private static final int ZIP64_EXTRA = 1;
  private static final long IN_EXTRA_FIELD = 0xFFFF_FFFFL;
  private static final int ENCRYPTED = 1;

  private final Bytes bytes;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /**
   * An entry as the central directory has it.
   *
   * @param method 0: stored as it is
   * @param crc CRC-32 of the content
   * @param localHeader where its local header begins
   */
  private record Entry(int flags, int method, long crc, Place place, long localHeader) {}

  /** How large an entry is before and after compression. */
  private record Place(long compressed, long size) {}

  /**
   * A part of the archive.
   *
   * @param content mapped where it lies
   * @param crc CRC-32 that it should have
   */
  record Stored(MemorySegment content, long crc) {}

  private ZipDirectory(Bytes bytes) {
    this.bytes = bytes;
  }

  /**
   * Reads the directory of a mapped file.
   *
   * @throws PytorchFileException when it is damaged or has too many entries
   */
  static ZipDirectory read(Bytes bytes) throws PytorchFileException {
    ZipDirectory directory = new ZipDirectory(bytes);
    directory.readEntries(ZipEnd.find(bytes));
    return directory;
  }

  /** Names of all entries. */
  Set<String> names() {
    return entries.keySet();
  }

  private void readEntries(ZipEnd end) throws PytorchFileException {
    if (end.entries() > MAX_ENTRIES) {
      throw bytes.damaged("%d entries are more than %d".formatted(end.entries(), MAX_ENTRIES));
    }
    long at = end.directory();
    for (long i = 0; i < end.entries(); i++) {
      at = readEntry(at);
    }
    if (at != end.directory() + end.directoryBytes()) {
      throw bytes.damaged("the directory does not end at byte %d".formatted(at));
    }
  }

  /** Returns where the next one begins. */
  private long readEntry(long at) throws PytorchFileException {
    if (bytes.signedInt(at) != CENTRAL) {
      throw bytes.damaged("there is no directory entry at byte %d".formatted(at));
    }
    int nameBytes = bytes.unsignedShort(at + 28);
    int extraBytes = bytes.unsignedShort(at + 30);
    String name = name(at + CENTRAL_BYTES, nameBytes);
    long extra = at + CENTRAL_BYTES + nameBytes;
    Zip64 zip64 = new Zip64(extra, extra + extraBytes);
    long size = zip64.orExtra(bytes.unsignedInt(at + 24));
    long compressed = zip64.orExtra(bytes.unsignedInt(at + 20));
    long local = zip64.orExtra(bytes.unsignedInt(at + 42));
    int flags = bytes.unsignedShort(at + 8);
    int method = bytes.unsignedShort(at + 10);
    Place place = new Place(compressed, size);
    Entry entry = new Entry(flags, method, bytes.unsignedInt(at + 16), place, local);
    if (entries.put(name, entry) != null) {
      throw bytes.damaged("two entries are called '%s'".formatted(name));
    }
    return extra + extraBytes + bytes.unsignedShort(at + 32);
  }

  private String name(long at, int length) throws PytorchFileException {
    if (length > MAX_NAME) {
      throw bytes.damaged("the name at byte %d has %d bytes".formatted(at, length));
    }
    try {
      ByteBuffer name = ByteBuffer.wrap(bytes.copy(at, length));
      return StandardCharsets.UTF_8.newDecoder().decode(name).toString();
    } catch (CharacterCodingException e) {
      throw bytes.damaged("the name at byte %d is not UTF-8".formatted(at));
    }
  }

  /** Hands out the 64-bit numbers of an extra field, in the order of the format. */
  private final class Zip64 {
    private long next;
    private long end;

    Zip64(long extra, long extraEnd) throws PytorchFileException {
      long at = extra;
      while (at + 4 <= extraEnd) {
        long dataEnd = at + 4 + bytes.unsignedShort(at + 2);
        if (bytes.unsignedShort(at) == ZIP64_EXTRA) {
          this.next = at + 4;
          this.end = Math.min(dataEnd, extraEnd);
        }
        at = dataEnd;
      }
    }

    long orExtra(long value) throws PytorchFileException {
      if (value != IN_EXTRA_FIELD) {
        return value;
      }
      if (next + Long.BYTES > end) {
        throw bytes.damaged("a size of 64 bits is missing near byte %d".formatted(next));
      }
      next += Long.BYTES;
      return bytes.length(next - Long.BYTES);
    }
  }

  /**
   * An entry's content, if there is one of that name.
   *
   * @throws PytorchFileException when it is compressed, encrypted or not where the directory says
   */
  Optional<Stored> find(String name) throws PytorchFileException {
    Entry entry = entries.get(name);
    if (entry == null) {
      return Optional.empty();
    }
    long size = entry.place().size();
    boolean plain = entry.method() == 0 && (entry.flags() & ENCRYPTED) == 0;
    if (!plain || entry.place().compressed() != size) {
      throw bytes.damaged(
          "'%s' is compressed or encrypted; torch.save stores entries as they are".formatted(name));
    }
    return Optional.of(new Stored(bytes.slice(data(name, entry.localHeader()), size), entry.crc()));
  }

  private long data(String name, long local) throws PytorchFileException {
    if (bytes.signedInt(local) != LOCAL) {
      throw bytes.damaged("there is no local header of '%s' at byte %d".formatted(name, local));
    }
    int nameBytes = bytes.unsignedShort(local + 26);
    if (!name(local + LOCAL_BYTES, nameBytes).equals(name)) {
      throw bytes.damaged("the local header at byte %d is not of '%s'".formatted(local, name));
    }
    return local + LOCAL_BYTES + nameBytes + bytes.unsignedShort(local + 28);
  }
}
