package dev.megalodon.kernels.gemm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.Loader;

/**
 * oneDNN's C interface: an engine for the processor, a stream on it, and calls. Its jar is used for
 * the native library alone, which comes with the OpenMP runtime that it was built with.
 */
final class OneDnn implements AutoCloseable {
  private static final int CPU_ENGINE = 1;
  private static final int IN_ORDER = 1;

  private final NativeLibrary library;
  private final Map<String, MethodHandle> functions = new HashMap<>();
  private final MemorySegment engine;
  private final MemorySegment stream;
  private final MethodHandle setThreads;
  private final MethodHandle setData;
  private final MethodHandle execute;
  private final MethodHandle await;

  /**
   * Loads the library.
   *
   * @throws IllegalStateException when it cannot be loaded here
   */
  OneDnn() {
    // Otherwise OpenMP's threads spin after each product, on the cores that the next kernel needs.
    NativeLibrary.setDefault("OMP_WAIT_POLICY", "passive");
    library = load();
    setThreads = library.function("omp_set_num_threads", FunctionDescriptor.ofVoid(JAVA_INT));
    setData = status("dnnl_memory_set_data_handle", ADDRESS, ADDRESS);
    execute = status("dnnl_primitive_execute", ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
    await = status("dnnl_stream_wait", ADDRESS);
    engine = create("dnnl_engine_create", CPU_ENGINE, 0L);
    stream = create("dnnl_stream_create", engine, IN_ORDER);
  }

  private static NativeLibrary load() {
    String folder = "/org/bytedeco/dnnl/" + Loader.getPlatform() + "/";
    try {
      Path file = extract(folder + "libdnnl.so.3");
      extract(folder + "libgomp.so.1"); // found by the library because it lies beside it
      return new NativeLibrary(file);
    } catch (IOException | LinkageError | IllegalArgumentException e) {
      throw new IllegalStateException(
          "oneDNN cannot be loaded here (%s); choose the GEMM 'vector'".formatted(e.getMessage()),
          e);
    }
  }

  private static Path extract(String resource) throws IOException {
    if (OneDnn.class.getResource(resource) == null) {
      throw new IOException("the class path has no " + resource);
    }
    return Loader.cacheResource(OneDnn.class, resource).toPath();
  }

  private MethodHandle status(String name, MemoryLayout... arguments) {
    return library.function(name, FunctionDescriptor.of(JAVA_INT, arguments));
  }

  /** Major, minor and patch version. */
  String version() {
    try {
      MethodHandle handle = library.function("dnnl_version", FunctionDescriptor.of(ADDRESS));
      MemorySegment version = (MemorySegment) handle.invokeExact();
      MemorySegment numbers = version.reinterpret(3 * JAVA_INT.byteSize());
      return "%d.%d.%d"
          .formatted(
              numbers.getAtIndex(JAVA_INT, 0),
              numbers.getAtIndex(JAVA_INT, 1),
              numbers.getAtIndex(JAVA_INT, 2));
    } catch (Throwable e) {
      throw NativeLibrary.rethrow(e);
    }
  }

  /** What its kernels use of this processor. */
  InstructionSet instructionSet() {
    try {
      return InstructionSet.of((int) status("dnnl_get_effective_cpu_isa").invokeExact());
    } catch (Throwable e) {
      throw NativeLibrary.rethrow(e);
    }
  }

  /** The processor, for what is created on it. */
  MemorySegment engine() {
    return engine;
  }

  /** Sets how many threads work for the calling thread. */
  void setThreads(int threads) {
    try {
      setThreads.invokeExact(threads);
    } catch (Throwable e) {
      throw NativeLibrary.rethrow(e);
    }
  }

  /**
   * Calls a function whose first parameter is where it puts a new object.
   *
   * @param arguments the other parameters: segments, ints, longs or floats
   */
  MemorySegment create(String function, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(ADDRESS);
      Object[] all = new Object[arguments.length + 1];
      all[0] = result;
      System.arraycopy(arguments, 0, all, 1, arguments.length);
      call(function, all);
      return result.get(ADDRESS, 0);
    }
  }

  /**
   * Calls a function.
   *
   * @param arguments segments, ints, longs or floats
   * @throws IllegalStateException when it fails
   */
  void call(String function, Object... arguments) {
    MethodHandle handle = functions.computeIfAbsent(function, name -> bind(name, arguments));
    try {
      check(function, (int) handle.invokeWithArguments(arguments));
    } catch (Throwable e) {
      throw NativeLibrary.rethrow(e);
    }
  }

  private MethodHandle bind(String function, Object[] arguments) {
    return status(
        function, Arrays.stream(arguments).map(OneDnn::layout).toArray(MemoryLayout[]::new));
  }

  private static MemoryLayout layout(Object argument) {
    return switch (argument) {
      case MemorySegment segment -> ADDRESS;
      case Integer number -> JAVA_INT;
      case Long number -> JAVA_LONG;
      case Float number -> JAVA_FLOAT;
      default -> throw new IllegalArgumentException("no native type for " + argument.getClass());
    };
  }

  /** Lets a memory object stand for data. */
  void setData(MemorySegment memory, MemorySegment data) {
    try {
      check("dnnl_memory_set_data_handle", (int) setData.invokeExact(memory, data));
    } catch (Throwable e) {
      throw NativeLibrary.rethrow(e);
    }
  }

  /** Runs a primitive to its end. */
  void run(MemorySegment primitive, int count, MemorySegment arguments) {
    try {
      check(
          "dnnl_primitive_execute", (int) execute.invokeExact(primitive, stream, count, arguments));
      check("dnnl_stream_wait", (int) await.invokeExact(stream));
    } catch (Throwable e) {
      throw NativeLibrary.rethrow(e);
    }
  }

  private static void check(String function, int status) {
    if (status != 0) {
      throw new IllegalStateException("%s failed with status %d".formatted(function, status));
    }
  }

  @Override
  public void close() {
    call("dnnl_stream_destroy", stream);
    call("dnnl_engine_destroy", engine);
  }
}
