package dev.megalodon.trainer.progress;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.Curve;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.Recovery;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@link Progress} and {@link Curve} as the contract has them on the wire: absent fields are left
 * out.
 */
public final class ProgressJson {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .build();

  private static final int SHORT_TEXT = 400;

  private ProgressJson() {}

  /**
   * The JSON text in at most so many bytes: what other answers have said already goes first, the
   * lists, then the ends of texts.
   */
  public static String writeWithin(int bytes, Progress progress) {
    Progress listless = new ProgressEdit(progress).absent(List.of()).ranks(List.of()).done();
    return Stream.of(progress, listless)
        .map(ProgressJson::write)
        .filter(json -> json.getBytes(StandardCharsets.UTF_8).length <= bytes)
        .findFirst()
        .orElseGet(() -> write(withShortTexts(listless)));
  }

  private static Progress withShortTexts(Progress progress) {
    ProgressEdit edit =
        new ProgressEdit(progress)
            .message(shortened(progress.message()))
            .checkpointFailure(
                progress.checkpointFailure() == null
                    ? null
                    : shortened(progress.checkpointFailure()));
    Recovery recovery = progress.recovery();
    return (recovery == null ? edit : edit.recovery(withoutReason(recovery))).done();
  }

  private static Recovery withoutReason(Recovery recovery) {
    return new Recovery(
        null,
        recovery.source(),
        recovery.lostSteps(),
        recovery.lostAt(),
        recovery.openedAt(),
        recovery.loadedAt(),
        recovery.firstStepAt());
  }

  private static String shortened(String text) {
    return text.length() <= SHORT_TEXT ? text : text.substring(0, SHORT_TEXT) + "…";
  }

  /** The JSON text. */
  public static String write(Progress progress) {
    return json(progress);
  }

  /** The JSON text. */
  static String write(Curve curve) {
    return json(curve);
  }

  private static String json(Record plain) {
    try {
      return JSON.writeValueAsString(plain);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a plain record can always be written", e);
    }
  }
}
