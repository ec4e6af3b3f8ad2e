package dev.megalodon.trainer.interchange.pytorch;

import dev.megalodon.kernels.safetensors.DataType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * A state dict that {@code torch.save} wrote, open for reading. Storages are memory-mapped: nothing
 * is read before it is asked for, and what is handed out is invalid once the file is closed. For
 * one thread.
 */
public final class PytorchFile implements AutoCloseable {
  private static final String PICKLE = "/data.pkl";
  private static final int CHECKED_AT_ONCE = 1 << 26;

  private final Path path;
  private final Arena arena;
  private final Archive archive;
  private final Map<String, Pickled.TensorView> tensors;
  private final Set<String> intact = new HashSet<>();

  /**
   * The zip archive.
   *
   * @param prefix folder that all entries are in
   */
  private record Archive(Bytes bytes, ZipDirectory directory, String prefix) {
    ZipDirectory.Stored entry(String name) throws PytorchFileException {
      return directory
          .find(prefix + name)
          .orElseThrow(() -> bytes.damaged("it has no '%s'".formatted(prefix + name)));
    }
  }

  /**
   * One tensor.
   *
   * @param dims shape, empty for a scalar
   */
  public record Info(String name, DataType type, List<Long> dims) {}

  private PytorchFile(
      Path path, Arena arena, Archive archive, Map<String, Pickled.TensorView> tensors) {
    this.path = path;
    this.arena = arena;
    this.archive = archive;
    this.tensors = tensors;
  }

  /**
   * Maps a file and reads its table of tensors; every tensor lies inside its storage, and every
   * storage inside the file.
   *
   * @throws PytorchFileException when it is damaged or holds anything but a state dict
   * @throws IOException when it cannot be read
   */
  @SuppressWarnings("MustBeClosedChecker") // the file that is returned owns the arena
  public static PytorchFile open(Path path) throws IOException {
    Arena arena = Arena.ofShared();
    try {
      Archive archive = archive(new Bytes(path, "the zip archive", map(path, arena)));
      ZipDirectory.Stored entry = archive.entry(PICKLE);
      Bytes pickle = new Bytes(path, archive.prefix() + PICKLE, entry.content());
      requireIntact(path, pickle.what(), entry);
      Map<String, Pickled.TensorView> tensors = StateDict.of(pickle, Unpickler.read(pickle));
      PytorchFile file = new PytorchFile(path, arena, archive, tensors);
      file.checkStorages();
      return file;
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

  private static Archive archive(Bytes bytes) throws IOException {
    ZipDirectory directory = ZipDirectory.read(bytes);
    List<String> pickles = directory.names().stream().filter(n -> n.endsWith(PICKLE)).toList();
    if (pickles.size() != 1) {
      throw bytes.damaged("it has %d entries '…%s', not one".formatted(pickles.size(), PICKLE));
    }
    String prefix = pickles.getFirst().substring(0, pickles.getFirst().length() - PICKLE.length());
    Archive archive = new Archive(bytes, directory, prefix);
    requireLittleEndian(archive);
    return archive;
  }

  private static void requireLittleEndian(Archive archive) throws IOException {
    // Files of PyTorch before 2.1 have no such entry; they come from little-endian machines.
    if (archive.directory().find(archive.prefix() + "/byteorder").isPresent()) {
      MemorySegment order = archive.entry("/byteorder").content();
      MemorySegment little = MemorySegment.ofArray(new byte[] {'l', 'i', 't', 't', 'l', 'e'});
      if (order.mismatch(little) != -1) {
        throw archive.bytes().damaged("its byte order is not 'little'");
      }
    }
  }

  private void checkStorages() throws PytorchFileException {
    for (Map.Entry<String, Pickled.TensorView> tensor : tensors.entrySet()) {
      Pickled.Storage storage = tensor.getValue().storage();
      long held = storage(storage).content().byteSize();
      // Divided, not multiplied: the number of elements may be anything.
      int width = storage.type().bytes();
      if (held % width != 0 || held / width != storage.elements()) {
        throw new PytorchFileException(
            path,
            "tensor '%s' is in a storage of %d %s, but data/%s has %d bytes"
                .formatted(
                    tensor.getKey(), storage.elements(), storage.type(), storage.key(), held));
      }
    }
  }

  private ZipDirectory.Stored storage(Pickled.Storage storage) throws PytorchFileException {
    return archive.entry("/data/" + storage.key());
  }

  /** Which file this is. */
  public Path path() {
    return path;
  }

  /** All tensors, in the order of the state dict. */
  public List<Info> tensors() {
    return tensors.entrySet().stream()
        .map(
            tensor ->
                new Info(
                    tensor.getKey(),
                    tensor.getValue().storage().type(),
                    tensor.getValue().layout().dims()))
        .toList();
  }

  /**
   * The bytes of a tensor, little-endian and row-major: where they lie in the file, or, when they
   * do not lie there in that order, in new memory.
   *
   * @param scratch what new memory comes from
   * @throws PytorchFileException when its storage does not have the checksum that the archive says
   * @throws IllegalArgumentException when there is none of that name
   */
  public MemorySegment bytes(String name, Arena scratch) throws PytorchFileException {
    Pickled.TensorView tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("%s has no tensor '%s'".formatted(path, name));
    }
    ZipDirectory.Stored stored = storage(tensor.storage());
    String key = tensor.storage().key();
    if (!intact.contains(key)) {
      requireIntact(path, "data/%s with tensor '%s'".formatted(key, name), stored);
      intact.add(key);
    }
    int width = tensor.storage().type().bytes();
    StridedLayout layout = tensor.layout();
    long bytes = layout.elements() * width;
    if (layout.isContiguous()) {
      return stored.content().asSlice(layout.offset() * width, bytes);
    }
    MemorySegment gathered = scratch.allocate(bytes, Long.BYTES);
    layout.gather(stored.content(), width, gathered);
    return gathered;
  }

  private static void requireIntact(Path path, String what, ZipDirectory.Stored stored)
      throws PytorchFileException {
    CRC32 crc = new CRC32();
    long size = stored.content().byteSize();
    for (long from = 0; from < size; from += CHECKED_AT_ONCE) {
      long count = Math.min(CHECKED_AT_ONCE, size - from);
      crc.update(stored.content().asSlice(from, count).asByteBuffer());
    }
    if (crc.getValue() != stored.crc()) {
      throw new PytorchFileException(
          path,
          "%s is damaged: its CRC-32 is %08x, the archive says %08x"
              .formatted(what, crc.getValue(), stored.crc()));
    }
  }

  /** Unmaps the file. */
  @Override
  public void close() {
    arena.close();
  }
}
