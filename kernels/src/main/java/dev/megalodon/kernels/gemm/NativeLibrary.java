package dev.megalodon.kernels.gemm;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Functions of a shared library, which stays loaded for as long as the process lives. */
final class NativeLibrary {
  private static final Linker LINKER = Linker.nativeLinker();

  private final SymbolLookup symbols;

  /**
   * Loads a library and what it needs.
   *
   * @throws IllegalArgumentException when the system's loader refuses it
   */
  NativeLibrary(Path file) {
    symbols = SymbolLookup.libraryLookup(file, Arena.global());
  }

  /** A function of the library, or of a library that it needs. */
  MethodHandle function(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(symbols.findOrThrow(name), descriptor);
  }

  /**
   * Sets a variable of the process's environment, as libraries loaded later see it, unless whoever
   * started the process has set it.
   */
  static void setDefault(String variable, String value) {
    if (System.getenv(variable) != null) {
      return;
    }
    MethodHandle setenv =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("setenv"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int result =
          (int) setenv.invokeExact(arena.allocateFrom(variable), arena.allocateFrom(value), 1);
      if (result != 0) {
        throw new IllegalStateException("setenv of " + variable + " failed");
      }
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  /** What a call of a method handle threw, as a type that needs no declaration. */
  static RuntimeException rethrow(Throwable e) {
    return switch (e) {
      case RuntimeException runtime -> runtime;
      case Error error -> throw error;
      default -> new IllegalStateException(e);
    };
  }
}
