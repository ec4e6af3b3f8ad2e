package dev.megalodon.trainer.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.trainer.checkpoint.FileDigest;
import dev.megalodon.trainer.ranks.InMemoryRanks;
import java.util.List;
import org.junit.jupiter.api.Test;

class DigestExchangeTest {
  @Test
  void shouldTellEveryRankWhatBecameOfAll() throws Exception {
    List<RankFiles> parts =
        List.of(
            new RankFiles.Written(
                List.of(
                    new FileDigest("optimizer", 1L << 40, "ab".repeat(32)),
                    new FileDigest("parameters", 7, "0f".repeat(32)))),
            new RankFiles.Failed("cannot write /v/x: No space left on device"),
            new RankFiles.Written(List.of()));
    List<List<RankFiles>> heard =
        InMemoryRanks.run(3, ranks -> DigestExchange.exchange(ranks, parts.get(ranks.rank())));
    assertEquals(List.of(parts, parts, parts), heard);
  }

  @Test
  void shouldKeepBeginningAndEndOfALongReason() throws Exception {
    String reason = "cannot write /" + "é/long/".repeat(100) + "file: No space left on device";
    List<List<RankFiles>> heard =
        InMemoryRanks.run(1, ranks -> DigestExchange.exchange(ranks, new RankFiles.Failed(reason)));
    RankFiles.Failed failed = assertInstanceOf(RankFiles.Failed.class, heard.getFirst().getFirst());
    assertTrue(failed.reason().length() <= DigestExchange.REASON_BYTES, failed.reason());
    assertTrue(failed.reason().startsWith("cannot write /?/long/"), failed.reason());
    assertTrue(failed.reason().endsWith("file: No space left on device"), failed.reason());
  }
}
