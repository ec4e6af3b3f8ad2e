package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Gemm;
import dev.megalodon.kernels.Matrix;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A device that measures every operation, by name. */
final class TimedDevice {
  private final Map<String, Times> times = new TreeMap<>();
  private final Device device;

  TimedDevice(Device inner) {
    this.device = (Device) timed(Device.class, inner);
  }

  private static final class Times {
    private long nanos;
    private long calls;
    private long shortest = Long.MAX_VALUE;

    void add(long callNanos) {
      nanos += callNanos;
      calls++;
      shortest = Math.min(shortest, callNanos);
    }

    /** What all calls would take if each were as fast as the fastest: noise left out. */
    double best() {
      return (double) calls * shortest;
    }
  }

  /** The device to compute on. */
  Device device() {
    return device;
  }

  void reset() {
    times.clear();
  }

  /** A line per operation, the longest first; milliseconds per step. */
  String report(int steps) {
    Comparator<Map.Entry<String, Times>> byBest =
        Comparator.comparingDouble(entry -> -entry.getValue().best());
    return times.entrySet().stream()
        .sorted(byBest)
        .map(entry -> line(entry.getKey(), entry.getValue(), steps))
        .collect(Collectors.joining("\n"));
  }

  private static String line(String name, Times time, int steps) {
    return String.format(
        Locale.ROOT,
        "%8.2f ms, at best %8.2f ms, %5d calls of %s",
        time.nanos / 1e6 / steps,
        time.best() / 1e6 / steps,
        time.calls / steps,
        name);
  }

  private Object timed(Class<?> type, Object inner) {
    return Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> {
          long start = System.nanoTime();
          Object result = invoke(method, inner, arguments);
          long nanos = System.nanoTime() - start;
          if (type != Device.class) {
            times.computeIfAbsent(name(method, arguments), unused -> new Times()).add(nanos);
            return result;
          }
          boolean operations = method.getReturnType().isInterface();
          return operations ? timed(method.getReturnType(), result) : result;
        });
  }

  private static Object invoke(Method method, Object inner, Object[] arguments) throws Throwable {
    try {
      return method.invoke(inner, arguments);
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }

  private static String name(Method method, Object[] arguments) {
    String name = method.getDeclaringClass().getSimpleName() + "." + method.getName();
    if (method.getDeclaringClass() != Gemm.class || arguments == null) {
      return name;
    }
    Matrix a = (Matrix) arguments[1];
    Matrix b = (Matrix) arguments[2];
    String order = (a.transposed() ? "T" : "N") + (b.transposed() ? "T" : "N");
    return "%s %s %dx%dx%d"
        .formatted(name, order, a.effectiveRows(), a.effectiveCols(), b.effectiveCols());
  }
}
