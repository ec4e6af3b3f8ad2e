package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A device that notes what timestep norms and moving averages are given for a slice, and what the
 * slice by itself would tell the others, in the fixtures' names.
 */
public final class SliceProbe {
  private final Device inner;
  private final Device device;
  private final Map<String, double[]> numbers = new HashMap<>();
  private final Deque<String> forward = new ArrayDeque<>();
  private final Deque<String> backward = new ArrayDeque<>();

  /** Expects forward and backward passes of a model; the last of each counts. */
  public SliceProbe(Device inner, ModelConfig config) {
    this.inner = inner;
    for (int layer = 0; layer < config.layers(); layer++) {
      for (String part : List.of(".mega.timenorm.", ".mega.cema.")) {
        forward.addLast("layers." + layer + part);
        backward.addFirst("layers." + layer + part);
      }
    }
    forward.addLast("output.final_norm.");
    backward.addFirst("output.final_norm.");
    TimestepNorm norm = proxy(TimestepNorm.class, inner.timestepNorm(), this::noteNorm);
    Cema cema = proxy(Cema.class, inner.cema(), this::noteAverage);
    device =
        (Device)
            Proxy.newProxyInstance(
                Device.class.getClassLoader(),
                new Class<?>[] {Device.class},
                (proxy, method, arguments) ->
                    switch (method.getName()) {
                      case "timestepNorm" -> norm;
                      case "cema" -> cema;
                      default -> invoke(method, inner, arguments);
                    });
  }

  /** Looks at a call and returns what to do after it. */
  private interface Note {
    Runnable of(String method, Object[] arguments);
  }

  private static <T> T proxy(Class<T> type, T operation, Note note) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              Runnable after = note.of(method.getName(), arguments);
              Object result = invoke(method, operation, arguments);
              after.run();
              return result;
            }));
  }

  private static Object invoke(Method method, Object target, Object[] arguments) throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** The device to compute on. */
  public Device device() {
    return device;
  }

  /** What was noted, by name. */
  public Map<String, double[]> numbers() {
    return numbers;
  }

  private Runnable noteNorm(String method, Object[] a) {
    switch (method) {
      case "forward" -> {
        String name = next(forward);
        noteMoments(name, (Tensor) a[0], (TimestepNorm.State) a[4]);
      }
      case "backward" -> {
        String name = next(backward);
        TimestepNorm.State in = (TimestepNorm.State) a[4];
        TimestepNorm.Saved saved = (TimestepNorm.Saved) a[5];
        noteSums(name, (Tensor) a[0], (Tensor) a[1], (Tensor) a[2], in, saved);
        noteSuffix(name, in, saved, (TimestepNorm.StateGradient) a[6]);
        TimestepNorm.StateGradient before = (TimestepNorm.StateGradient) a[10];
        return () -> {
          note(name + "dprefix_mean", before.mean());
          note(name + "dprefix_var", before.variance());
        };
      }
      default -> {}
    }
    return () -> {};
  }

  private Runnable noteAverage(String method, Object[] a) {
    switch (method) {
      case "forward" -> {
        String name = next(forward);
        Tensor in = (Tensor) a[2];
        Tensor reached = inner.allocate(in.type(), in.dims());
        Cema.Coefficients coefficients = ((Cema.Saved) a[4]).coefficients();
        inner.cema().coefficients((Cema.Parameters) a[1], coefficients);
        inner.cema().advance((Tensor) a[0], coefficients, reached, reached);
        note(name + "u_local", reached);
        note(name + "h_in", in);
      }
      case "backward" -> {
        String name = next(backward);
        Tensor out = (Tensor) a[4];
        Tensor local = inner.allocate(out.type(), out.dims());
        inner.cema().retreat((Tensor) a[0], ((Cema.Saved) a[3]).coefficients(), local, local);
        note(name + "adj_local", local);
        note(name + "adj_h_out", out);
        return () -> note(name + "adj_h_in", (Tensor) a[7]);
      }
      default -> {}
    }
    return () -> {};
  }

  /** The first name, which goes to the end. */
  private static String next(Deque<String> names) {
    String name = names.removeFirst();
    names.addLast(name);
    return name;
  }

  private void note(String name, Tensor tensor) {
    numbers.put(name, inner.transfer().toDoubles(tensor));
  }

  private double[] noted(String name) {
    return Objects.requireNonNull(numbers.get(name), name);
  }

  private void noteMoments(String name, Tensor x, TimestepNorm.State in) {
    long groups = in.mean().dim(1);
    TimestepNorm.State own = TimestepNorm.State.allocate(inner, x.dim(0), groups);
    inner.timestepNorm().advance(x, Optional.empty(), own, own);
    note(name + "local_count", own.count());
    note(name + "local_mean", own.mean());
    double[] variances = inner.transfer().toDoubles(own.variance());
    double[] squares = Arrays.stream(variances).map(variance -> variance * x.dim(1)).toArray();
    numbers.put(name + "local_m2", squares);
    note(name + "prefix_count", in.count());
    note(name + "prefix_mean", in.mean());
    note(name + "prefix_var", in.variance());
  }

  /** The slice's sums about the origin 0, as the fixtures have them. */
  private void noteSums(
      String name,
      Tensor dy,
      Tensor x,
      Tensor weight,
      TimestepNorm.State in,
      TimestepNorm.Saved saved) {
    long batch = x.dim(0);
    long groups = in.mean().dim(1);
    TimestepNorm.MomentGradient sums =
        new TimestepNorm.MomentGradient(
            inner.allocate(ElementType.FLOAT64, batch, groups),
            inner.allocate(ElementType.FLOAT64, batch, groups),
            inner.allocate(ElementType.FLOAT64, batch, groups));
    TimestepNorm.StateGradient none = TimestepNorm.StateGradient.allocate(inner, batch, groups);
    inner.timestepNorm().momentGradient(dy, x, weight, Optional.empty(), in, saved, none, sums);
    note(name + "adj_local_a", sums.first());
    note(name + "adj_local_q", sums.second());
    double[] origin = inner.transfer().toDoubles(sums.origin());
    double[] first = noted(name + "adj_local_a");
    double[] second = noted(name + "adj_local_q");
    for (int i = 0; i < first.length; i++) {
      first[i] -= 2 * origin[i] * second[i];
    }
  }

  /** The later slices' sums about the origin 0, from the gradient of the state after the slice. */
  private void noteSuffix(
      String name,
      TimestepNorm.State in,
      TimestepNorm.Saved saved,
      TimestepNorm.StateGradient after) {
    int batch = Math.toIntExact(in.count().size());
    int groups = Math.toIntExact(in.mean().dim(1));
    int length = Math.toIntExact(saved.mean().dim(1));
    double[] counts = inner.transfer().toDoubles(in.count());
    double[] means = inner.transfer().toDoubles(saved.mean());
    double[] first = inner.transfer().toDoubles(after.mean());
    double[] second = inner.transfer().toDoubles(after.variance());
    for (int i = 0; i < batch * groups; i++) {
      int b = i / groups;
      double mean = means[(b * length + length - 1) * groups + i % groups];
      double count = counts[b] + length;
      first[i] = (first[i] - 2 * mean * second[i]) / count;
      second[i] /= count;
    }
    numbers.put(name + "adj_suffix_a", first);
    numbers.put(name + "adj_suffix_q", second);
  }
}
