using Sio.Data;
using Sio.Detection;
using Sio.Training;

namespace Sio.Experiments;

/// <summary>
/// A run on disk: <c>recipe.yml</c> (resolved), <c>log.jsonl</c>, <c>checkpoint/</c>, <c>tensorboard/</c> where it is asked for, <c>scores/&lt;detector&gt;/&lt;set&gt;.npz</c>, <c>results.json</c>. An existing folder
/// is taken; files of others in it are left alone.
/// </summary>
public sealed class RunFolder
{
    /// <summary>Names the folder.</summary>
    public RunFolder(string path) => Path = System.IO.Path.GetFullPath(path);

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>The resolved recipe.</summary>
    public string RecipePath => System.IO.Path.Combine(Path, "recipe.yml");

    /// <summary>The results.</summary>
    public string ResultsPath => System.IO.Path.Combine(Path, "results.json");

    /// <summary>The checkpoints.</summary>
    public Checkpoint Checkpoint => new(System.IO.Path.Combine(Path, "checkpoint"));

    /// <summary>Whether training has been here.</summary>
    public bool HasRun => File.Exists(Checkpoint.LastPath) || File.Exists(Checkpoint.ModelPath);

    /// <summary>The file of a detector's scores on a set.</summary>
    public static string ScoresPath(string folder, string detector, string set) => System.IO.Path.Combine(folder, "scores", detector, set + ".npz");

    /// <summary>The folder of a detector's scores.</summary>
    internal static string ScoresFolder(string folder, string detector) => System.IO.Path.GetDirectoryName(ScoresPath(folder, detector, "any"))!;

    /// <summary>Makes the folder and sees that it can be written, before any work is done.</summary>
    /// <exception cref="DataException">It cannot.</exception>
    public void Create() => Create(Path);

    /// <inheritdoc cref="Create()"/>
    public static void Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var probe = System.IO.Path.Combine(folder, $".sio-probe-{Environment.ProcessId}");
            try
            {
                File.WriteAllText(probe, "x");
            }
            finally
            {
                // On a full disk the file is made, and only its content is refused.
                File.Delete(probe);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{folder} cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Keeps other processes from writing a run into the folder until disposed; the lock ends with the process, however it
    /// ends.</summary>
    /// <exception cref="DataException">Another process has the lock.</exception>
    public IDisposable Lock() => Lock(Path);

    /// <inheritdoc cref="Lock()"/>
    internal static IDisposable Lock(string folder)
    {
        var file = System.IO.Path.Combine(folder, ".sio-lock");
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{folder} is in use by another process that trains, imports or evaluates there ({file} is locked)", error);
        }
    }

    /// <summary>Removes what an earlier run of ours left here and this one will write anew.</summary>
    public void Clear()
    {
        Checkpoint.Delete();
        File.Delete(System.IO.Path.Combine(Path, "log.jsonl"));
        TensorBoardLog.Delete(Path);
        File.Delete(ResultsPath);
        File.Delete(RecipePath);

        // Scores of the old weights would be taken for those of the new ones.
        foreach (var detector in Catalog<Detector>.Names)
        {
            var scores = ScoresFolder(Path, detector);
            if (Directory.Exists(scores))
                Array.ForEach(Directory.GetFiles(scores, "*.npz"), File.Delete);
        }
    }
}
