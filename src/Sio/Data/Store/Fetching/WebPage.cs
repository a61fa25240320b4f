using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Sio.Data.Store;

/// <summary>A page that came in place of a file: an error, a log-in, or Google Drive's question whether one really wants a large file.</summary>
internal static partial class WebPage
{
    /// <summary>Pages are read to this length.</summary>
    internal const int MaxBytes = 1 << 20;

    private const int MaxQuote = 200;

    /// <summary>Whether bytes begin as a page does. No data file begins so.</summary>
    internal static bool IsPage(ReadOnlySpan<byte> start)
    {
        var text = Encoding.Latin1.GetString(start[..Math.Min(start.Length, 256)]).TrimStart('\u00ef', '\u00bb', '\u00bf', ' ', '\t', '\r', '\n');
        return text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<head", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A page's title or what it says of an error, in one line; empty where it has neither.</summary>
    internal static string Says(string page)
    {
        var match = DriveError().Match(page) is { Success: true } error ? error : Title().Match(page);
        var text = WebUtility.HtmlDecode(Tags().Replace(match.Groups[1].Value, " ")).ReplaceLineEndings(" ").Trim();
        return text.Length > MaxQuote ? text[..MaxQuote] + "…" : text;
    }

    /// <summary>
    /// The address behind "download anyway" on Google Drive's page: a form's action with its hidden fields, or a link, as its page has had them over the years.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="from">Where it came from.</param>
    /// <returns>Null where the page offers no download.</returns>
    internal static Uri? DriveConfirmation(string page, Uri from)
    {
        string? address = null;
        if (Form().Match(page) is { Success: true } form && Attribute(form.Value, "action") is { } action)
        {
            var end = page.IndexOf("</form", form.Index, StringComparison.OrdinalIgnoreCase);
            var fields = Input().Matches(page[form.Index..(end < 0 ? page.Length : end)])
                .Select(input => (Name: Attribute(input.Value, "name"), Value: Attribute(input.Value, "value")))
                .Where(field => field is { Name: { Length: > 0 }, Value: not null })
                .Select(field => $"{Uri.EscapeDataString(field.Name!)}={Uri.EscapeDataString(field.Value!)}");
            address = action + (action.Contains('?', StringComparison.Ordinal) ? "&" : "?") + string.Join('&', fields);
        }
        else if (Link().Match(page) is { Success: true } link)
        {
            address = WebUtility.HtmlDecode(link.Groups[1].Value);
        }

        // Only back to Drive: a page must not be able to send us elsewhere.
        return address is not null && Uri.TryCreate(from, address, out var uri) && (uri.Authority == from.Authority || IsGoogle(uri)) ? uri : null;
    }

    private static bool IsGoogle(Uri uri) => uri.Scheme == "https"
        && (uri.Host.EndsWith(".google.com", StringComparison.OrdinalIgnoreCase) || uri.Host.EndsWith(".googleusercontent.com", StringComparison.OrdinalIgnoreCase));

    private static string? Attribute(string tag, string name)
    {
        var match = Regex.Match(tag, $"\\b{name}\\s*=\\s*(?:\"([^\"]*)\"|'([^']*)')", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        return match.Success ? WebUtility.HtmlDecode(match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value) : null;
    }

    [GeneratedRegex("<form\\b[^>]*\\bid\\s*=\\s*[\"']download-?form[\"'][^>]*>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    [GeneratedRegex("<input\\b[^>]*>", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Input();

    [GeneratedRegex("href\\s*=\\s*\"(/uc\\?[^\"]*export=download[^\"]*)\"", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex("class\\s*=\\s*\"uc-error-subcaption\"[^>]*>(.*?)</p>", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex DriveError();

    [GeneratedRegex("<title[^>]*>(.*?)</title", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Title();

    [GeneratedRegex("<[^>]*>", RegexOptions.CultureInvariant)]
    private static partial Regex Tags();
}
