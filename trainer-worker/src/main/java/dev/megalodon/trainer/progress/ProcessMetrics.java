package dev.megalodon.trainer.progress;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** Memory and processors of this process, by the names that dashboards for Java know. */
public final class ProcessMetrics implements MeterBinder, AutoCloseable {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final int KIB = 1024;

  private final LongSupplier tensorBytes;
  private final JvmGcMetrics garbageCollector = new JvmGcMetrics();

  /**
   * Numbers of this process.
   *
   * @param tensorBytes bytes of all tensors, outside the Java heap; any thread may ask
   */
  public ProcessMetrics(LongSupplier tensorBytes) {
    this.tensorBytes = tensorBytes;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    List.of(
            new JvmMemoryMetrics(),
            garbageCollector,
            new JvmThreadMetrics(),
            new ProcessorMetrics(),
            new UptimeMetrics())
        .forEach(binder -> binder.bindTo(registry));
    Gauge.builder("megalodon.tensor.memory", tensorBytes, LongSupplier::getAsLong)
        .description("Memory of the device's tensors, outside the Java heap")
        .baseUnit("bytes")
        .register(registry);
    Gauge.builder("process.resident.memory", ProcessMetrics::residentBytes)
        .description("Memory of this process that is in RAM")
        .baseUnit("bytes")
        .register(registry);
  }

  /** NaN on a system that does not say. */
  private static double residentBytes() {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .mapToDouble(line -> KIB * Double.parseDouble(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  @Override
  public void close() {
    garbageCollector.close();
  }
}
