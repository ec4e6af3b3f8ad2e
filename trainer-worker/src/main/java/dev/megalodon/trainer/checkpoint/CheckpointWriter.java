package dev.megalodon.trainer.checkpoint;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.host.HostAllocator;
import dev.megalodon.kernels.safetensors.SafetensorsWriter;
import dev.megalodon.trainer.model.CarriedStates;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.ParameterFiles;
import dev.megalodon.trainer.optimizer.OptimizerShard;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Writes one rank's part of a checkpoint in the background, from a copy of the state, so that
 * training goes on meanwhile: every rank its optimizer shard, rank 0 the parameters too. One
 * checkpoint at a time.
 */
public final class CheckpointWriter implements AutoCloseable {
  private final CheckpointStore store;
  private final Map<String, String> metadata;
  private final FlatTensors parameters;
  private final OptimizerShard shard;
  private final HostAllocator memory = new HostAllocator();
  private final OptimizerShard shardCopy;
  private final Optional<FlatTensors> parametersCopy;
  private final Optional<CarriedSnapshot> carried;
  private final ExecutorService background =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("checkpoint").factory());
  private Optional<Future<List<FileDigest>>> inFlight = Optional.empty();

  /**
   * A writer of the rank that {@code shard} is of.
   *
   * @param metadata free text for the file of parameters
   * @param carried what sequences carry, on one rank of those that share them
   */
  public CheckpointWriter(
      CheckpointStore store,
      Map<String, String> metadata,
      FlatTensors parameters,
      OptimizerShard shard,
      Optional<CarriedStates> carried) {
    this.store = store;
    this.metadata = Map.copyOf(metadata);
    this.parameters = parameters;
    this.shard = shard;
    this.shardCopy = shard.allocateLike(memory);
    this.parametersCopy =
        shard.rank() == 0 ? Optional.of(allocateLike(parameters)) : Optional.empty();
    String carriedName = Manifest.carriedStates(shard.rank());
    this.carried = carried.map(states -> new CarriedSnapshot(states, carriedName, memory));
  }

  private FlatTensors allocateLike(FlatTensors original) {
    Tensor flat = original.flat();
    return new FlatTensors(original.layout(), memory.allocate(flat.type(), flat.dims()));
  }

  /**
   * Copies the state as it is now and begins to write it.
   *
   * @throws IllegalStateException while the one before is still being written
   */
  public void begin(CheckpointId id) {
    if (inFlight.isPresent()) {
      throw new IllegalStateException("a checkpoint is still being written");
    }
    shardCopy.copyFrom(shard);
    parametersCopy.ifPresent(copy -> copy.flat().memory().copyFrom(parameters.flat().memory()));
    carried.ifPresent(CarriedSnapshot::take);
    Callable<List<FileDigest>> write = () -> write(id);
    inFlight = Optional.of(background.submit(write));
  }

  private List<FileDigest> write(CheckpointId id) throws IOException {
    if (shard.rank() == 0) {
      makeRoom(id);
    }
    List<FileDigest> written = new ArrayList<>();
    try {
      write(store.prepare(id), written);
      return List.copyOf(written);
    } catch (IOException | RuntimeException e) {
      store.withdraw(id, written);
      throw e;
    }
  }

  /** What crashed writes left behind may take the very space that this one needs. */
  private void makeRoom(CheckpointId id) {
    try {
      store.sweep(id);
    } catch (IOException e) {
      // Not a reason to write nothing: whoever deletes old checkpoints meets it again and says so.
    }
  }

  private void write(Path folder, List<FileDigest> written) throws IOException {
    DurableFiles files = store.files();
    String name = Manifest.optimizerShard(shard.rank(), shard.layout().worldSize());
    written.add(files.write(folder, name, channel -> ShardFile.write(channel, shardCopy)));
    if (parametersCopy.isPresent()) {
      List<SafetensorsWriter.Entry> entries = ParameterFiles.entries(parametersCopy.get());
      written.add(
          files.write(
              folder,
              Manifest.PARAMETERS,
              channel -> SafetensorsWriter.write(channel, metadata, entries)));
    }
    if (carried.isPresent()) {
      written.add(carried.get().write(files, folder));
    }
  }

  /** Whether nothing is being written now. */
  public boolean isIdle() {
    return inFlight.isEmpty() || inFlight.get().isDone();
  }

  /**
   * Waits for the files begun last.
   *
   * @return what was written, the optimizer shard first
   * @throws IOException naming the file that could not be written; the others are deleted then
   * @throws IllegalStateException when nothing was begun
   */
  public List<FileDigest> finish() throws IOException {
    Future<List<FileDigest>> writing =
        inFlight.orElseThrow(() -> new IllegalStateException("no checkpoint was begun"));
    inFlight = Optional.empty();
    try {
      return writing.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failed
          ? failed
          : new IOException("cannot write the checkpoint: " + e.getCause(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a checkpoint was written", e);
    }
  }

  /** Waits for what is being written and forgets it: it will never be committed. */
  public void discard() {
    if (inFlight.isPresent()) {
      try {
        finish();
      } catch (IOException e) {
        // Nobody will use these files, so it does not matter that they are not whole.
      }
    }
  }

  /** Frees the copy. */
  @Override
  public void close() {
    discard();
    background.shutdown();
    memory.close();
  }
}
