package dev.megalodon.trainer.data;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The bytes of all files, one after the other, as if they were one file. Files are mapped into
 * memory when they are first needed and only so many at a time, so the corpus may be larger than
 * memory and may have any number of files. Not safe for use by several threads.
 */
public final class Corpus implements AutoCloseable {
  // Well under the kernel's limit of 65,530 mappings in a process.
  private static final int OPEN_FILES = 256;

  private final CorpusFiles files;
  private final long[] starts;
  private final MappedFiles mapped = new MappedFiles();

  private Corpus(CorpusFiles files) {
    this.files = files;
    this.starts = new long[files.entries().size()];
    long start = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = start;
      start += files.entries().get(i).size();
    }
  }

  /**
   * Opens files and folders.
   *
   * @throws WorkerExit {@code MISSING_INPUT} or {@code BAD_DATA}, naming the path
   */
  public static Corpus open(List<Path> sources) {
    return new Corpus(CorpusFiles.scan(sources));
  }

  /** Bytes in all files. */
  public long size() {
    return files.size();
  }

  /** Number of files that are not empty. */
  public int fileCount() {
    return starts.length;
  }

  /** Bytes up to and including the last of a file. */
  long end(int file) {
    return starts[file] + files.entries().get(file).size();
  }

  /** SHA-256 over names and sizes of the files, {@code sha256:…}. */
  public String fingerprint() {
    return files.fingerprint();
  }

  /** Copies bytes from {@code offset} on until {@code target} is full. */
  public void read(long offset, byte[] target) {
    int done = 0;
    int index = fileAt(offset);
    while (done < target.length) {
      CorpusFiles.Entry entry = files.entries().get(index);
      long within = offset + done - starts[index];
      int count = (int) Math.min(target.length - done, entry.size() - within);
      MemorySegment bytes = mapped.of(entry);
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, within, target, done, count);
      done += count;
      index++;
    }
  }

  private int fileAt(long offset) {
    int found = Arrays.binarySearch(starts, offset);
    return found >= 0 ? found : -found - 2;
  }

  @Override
  public void close() {
    mapped.close();
  }

  /** The most recently used mappings. */
  private static final class MappedFiles implements AutoCloseable {
    private record Mapping(Arena arena, MemorySegment bytes) {}

    private final Map<Path, Mapping> mappings = new LinkedHashMap<>(16, 0.75f, true);

    MemorySegment of(CorpusFiles.Entry entry) {
      Mapping known = mappings.get(entry.path());
      return known != null ? known.bytes() : map(entry);
    }

    @SuppressWarnings("MustBeClosedChecker") // the mapping that is kept owns the arena
    private MemorySegment map(CorpusFiles.Entry entry) {
      if (mappings.size() >= OPEN_FILES) {
        evictOldest();
      }
      Arena arena = Arena.ofShared();
      try (FileChannel channel = FileChannel.open(entry.path(), StandardOpenOption.READ)) {
        requireSameSize(entry, channel.size());
        MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, entry.size(), arena);
        mappings.put(entry.path(), new Mapping(arena, bytes));
        return bytes;
      } catch (IOException e) {
        arena.close();
        throw new WorkerExit(
            ExitCode.MISSING_INPUT,
            "the data file %s cannot be read: %s".formatted(entry.path(), e.getMessage()),
            e);
      }
    }

    private static void requireSameSize(CorpusFiles.Entry entry, long size) {
      if (size != entry.size()) {
        throw new WorkerExit(
            ExitCode.BAD_DATA,
            "the data file %s changed from %d to %d bytes while training: data must not change"
                .formatted(entry.path(), entry.size(), size));
      }
    }

    private void evictOldest() {
      Path oldest = mappings.keySet().iterator().next();
      Mapping mapping = mappings.remove(oldest);
      if (mapping != null) {
        mapping.arena().close();
      }
    }

    @Override
    public void close() {
      mappings.values().forEach(mapping -> mapping.arena().close());
      mappings.clear();
    }
  }
}
