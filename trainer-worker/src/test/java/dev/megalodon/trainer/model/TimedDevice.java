package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Matrix;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A device that adds up the time of every operation, by name. */
final class TimedDevice {
  private final Map<String, long[]> nanosAndCalls = new TreeMap<>();
  private final Device device;

  TimedDevice(Device inner) {
    this.device = (Device) timed(Device.class, inner);
  }

  /** The device to compute on. */
  Device device() {
    return device;
  }

  void reset() {
    nanosAndCalls.clear();
  }

  /** A line per operation, the longest first. */
  String report(int steps) {
    StringBuilder report = new StringBuilder();
    nanosAndCalls.entrySet().stream()
        .sorted((a, b) -> Long.compare(b.getValue()[0], a.getValue()[0]))
        .forEach(
            entry ->
                report.append(
                    String.format(
                        Locale.ROOT,
                        "%8.2f ms %6d calls  %s%n",
                        entry.getValue()[0] / 1e6 / steps,
                        entry.getValue()[1] / steps,
                        entry.getKey())));
    return report.toString();
  }

  private Object timed(Class<?> type, Object inner) {
    return Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> {
          long start = System.nanoTime();
          Object result = invoke(method, inner, arguments);
          if (type == Device.class && method.getReturnType().isInterface()) {
            return timed(method.getReturnType(), result);
          }
          add(type, method, arguments, System.nanoTime() - start);
          return result;
        });
  }

  private static Object invoke(Method method, Object inner, Object[] arguments) throws Throwable {
    try {
      return method.invoke(inner, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private void add(Class<?> type, Method method, Object[] arguments, long nanos) {
    if (type == Device.class) {
      return;
    }
    String name = type.getSimpleName() + "." + method.getName() + shape(arguments);
    long[] sum = nanosAndCalls.computeIfAbsent(name, unused -> new long[2]);
    sum[0] += nanos;
    sum[1]++;
  }

  private static String shape(Object[] arguments) {
    if (arguments != null && arguments.length == 5 && arguments[1] instanceof Matrix a) {
      Matrix b = (Matrix) arguments[2];
      return " %dx%dx%d%s%s"
          .formatted(
              a.effectiveRows(),
              a.effectiveCols(),
              b.effectiveCols(),
              a.transposed() ? " T" : " N",
              b.transposed() ? "T" : "N");
    }
    return "";
  }
}
