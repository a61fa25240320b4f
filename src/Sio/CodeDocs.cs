using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Sio.Data;

namespace Sio;

/// <summary>The XML documentation that is built with the program, as Markdown: pages that are made of it cannot differ from the code.</summary>
internal static partial class CodeDocs
{
    /// <summary>The documentation of every type, by the type's full name.</summary>
    /// <exception cref="DataException">The file is missing.</exception>
    internal static Dictionary<string, XElement> Types()
    {
        var path = Path.Combine(AppContext.BaseDirectory, typeof(CodeDocs).Assembly.GetName().Name + ".xml");
        try
        {
            return XDocument.Load(path).Descendants("member")
                .Where(member => member.Attribute("name")?.Value.StartsWith("T:", StringComparison.Ordinal) == true)
                .ToDictionary(member => member.Attribute("name")!.Value[2..]);
        }
        catch (Exception error) when (error is IOException or XmlException)
        {
            throw new DataException($"{path} cannot be read, the program's documentation was expected there: {error.Message}", error);
        }
    }

    /// <summary>Summary and remarks of a type as paragraphs; none where there is no documentation.</summary>
    internal static IEnumerable<string> Paragraphs(IReadOnlyDictionary<string, XElement> types, Type type)
    {
        var comment = types.GetValueOrDefault(type.FullName!);
        return new[] { comment?.Element("summary"), comment?.Element("remarks") }.OfType<XElement>().SelectMany(Paragraphs);
    }

    // The text of an XML comment, a paragraph for each <para> and one for what stands outside of them.
    private static IEnumerable<string> Paragraphs(XElement element)
    {
        var text = new StringBuilder();
        foreach (var node in element.Nodes())
        {
            if (node is not XElement { Name.LocalName: "para" or "list" or "item" } block)
            {
                text.Append(Inline(node));
                continue;
            }

            foreach (var paragraph in Finished().Concat(Paragraphs(block)))
                yield return paragraph;
        }

        foreach (var paragraph in Finished())
            yield return paragraph;

        string[] Finished()
        {
            var finished = WhiteSpace().Replace(text.ToString(), " ").Trim();
            text.Clear();
            return finished.Length > 0 ? [finished] : [];
        }
    }

    private static string Inline(XNode node)
    {
        if (node is XText plain)
            return Escape(plain.Value);
        if (node is not XElement element)
            return string.Empty;
        return element.Name.LocalName switch
        {
            "c" or "code" => $"`{element.Value.Trim()}`",
            "see" or "seealso" or "paramref" or "typeparamref" => $"`{Reference(element)}`",
            "b" => $"**{string.Concat(element.Nodes().Select(Inline))}**",
            _ => string.Concat(element.Nodes().Select(Inline)),
        };
    }

    // T:Sio.Detection.Detectors.Knn is Knn to the reader, M:….Fit(Sio.Detection.DetectorFit) is Fit.
    private static string Reference(XElement element)
    {
        var name = (element.Attributes().FirstOrDefault()?.Value ?? element.Value).Split('(')[0];
        return name.Contains("://", StringComparison.Ordinal) ? name : name[(name.LastIndexOf('.') + 1)..];
    }

    /// <summary>Text for a cell of a table.</summary>
    internal static string Cell(string text) => Escape(WhiteSpace().Replace(text, " ").Trim());

    /// <summary>Text whose characters mean nothing to Markdown.</summary>
    internal static string Escape(string text) => Special().Replace(text, "\\$0");

    [GeneratedRegex("\\s+")]
    private static partial Regex WhiteSpace();

    [GeneratedRegex("[\\\\*_<>|`\\[\\]]")]
    private static partial Regex Special();
}
