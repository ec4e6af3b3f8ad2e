package dev.megalodon.operator.progress;

/** All that workers can be asked. */
public interface WorkerSource extends ProgressSource, CurveSource {}
