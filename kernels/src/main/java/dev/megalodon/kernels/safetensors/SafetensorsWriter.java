package dev.megalodon.kernels.safetensors;

import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes files whose bytes depend on nothing but the names, types, shapes and contents given:
 * tensors are laid out by element size, largest first so that all are aligned, then by name.
 */
public final class SafetensorsWriter {
  private static final long LARGEST_WRITE = 1L << 26;

  private SafetensorsWriter() {}

  /** Takes the bytes of a tensor as they come. */
  @FunctionalInterface
  public interface Sink {
    /** Writes the next bytes. */
    void write(MemorySegment part) throws IOException;
  }

  /** Bytes of a tensor, made when they are written: little-endian and row-major. */
  @FunctionalInterface
  public interface Content {
    /** Gives all bytes in order, in as many pieces as one likes. */
    void writeTo(Sink sink) throws IOException;
  }

  /**
   * A tensor to write.
   *
   * @param name unique in the file
   * @param type element type
   * @param dims shape
   * @param content its bytes
   */
  public record Entry(String name, DataType type, List<Long> dims, Content content) {
    /** Keeps its own copy of the shape. */
    public Entry {
      dims = List.copyOf(dims);
    }

    /**
     * A tensor whose bytes lie in memory, in as many pieces as one likes.
     *
     * @throws IllegalArgumentException when the parts do not hold what the shape says
     */
    public Entry(String name, DataType type, List<Long> dims, List<MemorySegment> parts) {
      this(name, type, dims, inMemory(List.copyOf(parts)));
      long held = parts.stream().mapToLong(MemorySegment::byteSize).sum();
      if (held != bytes()) {
        throw new IllegalArgumentException(
            "tensor '%s' %s %s needs %d bytes, not %d".formatted(name, type, dims, bytes(), held));
      }
    }

    /** A tensor in the host's memory. */
    public static Entry of(String name, Tensor tensor) {
      return new Entry(
          name,
          DataType.of(tensor.type()),
          Arrays.stream(tensor.dims()).boxed().toList(),
          List.of(tensor.memory()));
    }

    private static Content inMemory(List<MemorySegment> parts) {
      return sink -> {
        for (MemorySegment part : parts) {
          sink.write(part);
        }
      };
    }

    /** How many bytes the shape asks for. */
    long bytes() {
      return dims.stream().reduce((long) type.bytes(), Math::multiplyExact);
    }
  }

  /**
   * Streams a whole file from the channel's position. Forcing it to the disk is the caller's part.
   *
   * @return bytes written
   * @throws IllegalArgumentException when two entries have one name
   * @throws IllegalStateException when a content is not as long as its shape asks for
   */
  public static long write(
      WritableByteChannel channel, Map<String, String> metadata, List<Entry> entries)
      throws IOException {
    List<Entry> ordered = ordered(entries);
    Header header = header(metadata, ordered);
    byte[] json = header.encode();
    writeFully(channel, length(json));
    writeFully(channel, ByteBuffer.wrap(json));
    for (Entry entry : ordered) {
      write(channel, entry);
    }
    return Header.LENGTH_BYTES + json.length + header.dataBytes();
  }

  private static List<Entry> ordered(List<Entry> entries) {
    Comparator<Entry> bySize = Comparator.comparingInt(entry -> -entry.type().bytes());
    return entries.stream().sorted(bySize.thenComparing(Entry::name)).toList();
  }

  private static Header header(Map<String, String> metadata, List<Entry> entries) {
    List<TensorInfo> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long offset = 0;
    for (Entry entry : entries) {
      if (!names.add(entry.name())) {
        throw new IllegalArgumentException("two tensors are called '" + entry.name() + "'");
      }
      long end = offset + entry.bytes();
      tensors.add(new TensorInfo(entry.name(), entry.type(), entry.dims(), offset, end));
      offset = end;
    }
    return new Header(new TreeMap<>(metadata), tensors);
  }

  private static ByteBuffer length(byte[] json) {
    return ByteBuffer.allocate(Header.LENGTH_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .flip();
  }

  private static void write(WritableByteChannel channel, Entry entry) throws IOException {
    long[] written = new long[1];
    entry
        .content()
        .writeTo(
            part -> {
              write(channel, part);
              written[0] += part.byteSize();
            });
    if (written[0] != entry.bytes()) {
      throw new IllegalStateException(
          "tensor '%s' has %d bytes to write, not %d"
              .formatted(entry.name(), written[0], entry.bytes()));
    }
  }

  private static void write(WritableByteChannel channel, MemorySegment part) throws IOException {
    for (long from = 0; from < part.byteSize(); from += LARGEST_WRITE) {
      long bytes = Math.min(LARGEST_WRITE, part.byteSize() - from);
      writeFully(channel, part.asSlice(from, bytes).asByteBuffer());
    }
  }

  private static void writeFully(WritableByteChannel channel, ByteBuffer buffer)
      throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
