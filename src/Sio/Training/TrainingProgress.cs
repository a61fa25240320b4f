namespace Sio.Training;

/// <summary>What a trainer tells while it works.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Step">Optimiser steps done.</param>
/// <param name="TotalSteps">Steps in all.</param>
/// <param name="Loss">Mean loss of this epoch's images so far.</param>
/// <param name="Accuracy">Per cent of this epoch's images classified correctly so far, in training mode.</param>
/// <param name="ImagesPerSecond">Since this call of the trainer began; 0 before the first step.</param>
/// <param name="Remaining">Time left at that speed.</param>
/// <param name="EpochEnded">Whether this step was its epoch's last.</param>
/// <param name="ValidationAccuracy">Per cent of the validation images classified correctly, in evaluation mode; null where none were looked at after this step.</param>
public readonly record struct TrainingProgress(
    int Epoch, int Epochs, long Step, long TotalSteps, double Loss, double Accuracy, double ImagesPerSecond, TimeSpan Remaining, bool EpochEnded,
    double? ValidationAccuracy = null);
