package dev.megalodon.kernels.safetensors;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;

/**
 * A file open for reading. Its tensors are memory-mapped: nothing is read before it is looked at,
 * and every segment and tensor handed out is invalid once the file is closed.
 */
public final class SafetensorsFile implements AutoCloseable {
  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path path;
  private final Arena arena;
  private final Header header;
  private final Map<String, TensorInfo> byName;
  private final MemorySegment data;

  private SafetensorsFile(Path path, Arena arena, Header header, MemorySegment data) {
    this.path = path;
    this.arena = arena;
    this.header = header;
    this.byName = header.byName();
    this.data = data;
  }

  /**
   * Maps a file and checks its header: every tensor lies inside the file, is as large as its type
   * and shape say, and the tensors cover the file without gaps or overlaps.
   *
   * @throws SafetensorsException when the file is damaged, naming it and the tensor
   * @throws IOException when it cannot be read
   */
  @SuppressWarnings("MustBeClosedChecker") // the file that is returned owns the arena
  public static SafetensorsFile open(Path path) throws IOException {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment file = map(path, arena);
      long headerBytes = headerBytes(path, file);
      long dataOffset = Header.LENGTH_BYTES + headerBytes;
      MemorySegment data = file.asSlice(dataOffset);
      ByteBuffer json = file.asSlice(Header.LENGTH_BYTES, headerBytes).asByteBuffer();
      Header header = new Tiling(path, data.byteSize()).check(HeaderReader.read(path, json));
      return new SafetensorsFile(path, arena, header, data);
    } catch (IOException | RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static MemorySegment map(Path path, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    }
  }

  private static long headerBytes(Path path, MemorySegment file) throws SafetensorsException {
    if (file.byteSize() < Header.LENGTH_BYTES) {
      throw new SafetensorsException(
          path, "%d bytes are too few for a safetensors file".formatted(file.byteSize()));
    }
    long length = file.get(LENGTH, 0);
    long room = file.byteSize() - Header.LENGTH_BYTES;
    if (length < 0 || length > Math.min(room, Header.MAX_BYTES)) {
      throw new SafetensorsException(
          path,
          "the header's length is given as %d, but the file has room for %d and the format for %d"
              .formatted(length, room, Header.MAX_BYTES));
    }
    return length;
  }

  /** Which file this is. */
  public Path path() {
    return path;
  }

  /** Free text by key. */
  public SortedMap<String, String> metadata() {
    return header.metadata();
  }

  /** All tensors in the order of their bytes. */
  public Collection<TensorInfo> tensors() {
    return header.tensors();
  }

  /** Whether there is a tensor of that name. */
  public boolean contains(String name) {
    return byName.containsKey(name);
  }

  /**
   * Type, shape and place of a tensor.
   *
   * @throws SafetensorsException when there is none of that name
   */
  public TensorInfo info(String name) throws SafetensorsException {
    TensorInfo info = byName.get(name);
    if (info == null) {
      throw new SafetensorsException(path, name, "is not in the file");
    }
    return info;
  }

  /**
   * The bytes of a tensor, little-endian and row-major; they need not be aligned.
   *
   * @throws SafetensorsException when there is none of that name
   */
  public MemorySegment segment(String name) throws SafetensorsException {
    TensorInfo info = info(name);
    return data.asSlice(info.begin(), info.bytes());
  }

  /**
   * A tensor as the host's memory holds it, read-only and not aligned.
   *
   * @throws SafetensorsException when there is none of that name, or no {@link ElementType} for its
   *     type
   */
  public Tensor tensor(String name) throws SafetensorsException {
    TensorInfo info = info(name);
    ElementType type =
        info.type()
            .elementType()
            .orElseThrow(
                () -> new SafetensorsException(path, name, "has no device type: " + info.type()));
    return new Tensor(type, segment(name), info.shape());
  }

  /**
   * All elements of a tensor of any type as doubles; 64-bit integers beyond 2^53 are rounded.
   *
   * @throws SafetensorsException when there is none of that name, or it is too large for an array
   */
  public double[] doubles(String name) throws SafetensorsException {
    return doubles(name, 0, arrayLength(info(name)));
  }

  /**
   * Some elements of a tensor as doubles, for tensors too large for one array.
   *
   * @param from elements before the first
   * @throws SafetensorsException when there is no tensor of that name
   * @throws IndexOutOfBoundsException when the tensor has fewer elements
   */
  public double[] doubles(String name, long from, int count) throws SafetensorsException {
    DataType type = info(name).type();
    MemorySegment elements =
        segment(name).asSlice(from * type.bytes(), (long) count * type.bytes());
    return Elements.doubles(elements, type, count);
  }

  /**
   * All elements of an I32, U8 or BOOL tensor.
   *
   * @throws SafetensorsException when there is none of that name, or it is of another type
   */
  public int[] ints(String name) throws SafetensorsException {
    TensorInfo info = info(name);
    int[] result = new int[arrayLength(info)];
    MemorySegment source = segment(name);
    switch (info.type()) {
      case I32 -> MemorySegment.copy(source, Elements.INT, 0, result, 0, result.length);
      case U8, BOOL -> {
        for (int i = 0; i < result.length; i++) {
          result[i] = Byte.toUnsignedInt(source.get(ValueLayout.JAVA_BYTE, i));
        }
      }
      default -> throw new SafetensorsException(path, name, "is " + info.type() + ", not integer");
    }
    return result;
  }

  private int arrayLength(TensorInfo info) throws SafetensorsException {
    if (info.elements() > Integer.MAX_VALUE - 8) {
      throw new SafetensorsException(
          path, info.name(), "has too many elements for an array; use its segment");
    }
    return (int) info.elements();
  }

  /** Unmaps the file. */
  @Override
  public void close() {
    arena.close();
  }
}
