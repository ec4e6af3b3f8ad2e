package dev.megalodon.trainer.progress;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.Progress;

/** {@link Progress} as the contract has it on the wire: absent fields are left out. */
public final class ProgressJson {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .build();

  private ProgressJson() {}

  /** The JSON text. */
  public static String write(Progress progress) {
    try {
      return JSON.writeValueAsString(progress);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("progress is a plain record and can always be written", e);
    }
  }
}
