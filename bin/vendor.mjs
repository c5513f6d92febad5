// Copies the files named below from node_modules into static/vendor/<name>-<version>/ and writes manifest.json.
// The version is part of the folder's name, so a page can keep the file for a year.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const wanted = [
  { name: "bootstrap", package: "bootstrap", files: ["dist/css/bootstrap.min.css", "LICENSE"] },
];

// The maps are not shipped, and asking for them would be a 404 in every opened console.
const withoutMap = (text) => text.replace(/\n?(\/\*# sourceMappingURL=.*?\*\/|\/\/# sourceMappingURL=.*)\s*$/, "\n");

const manifest = wanted.map((entry) => {
  const from = join("node_modules", entry.package);
  const { version, license } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  const folder = join("static", "vendor", `${entry.name}-${version}`);
  mkdirSync(folder, { recursive: true });
  const files = {};
  for (const file of entry.files) {
    const target = join(folder, basename(file));
    if (/\.(css|js)$/.test(file)) writeFileSync(target, withoutMap(readFileSync(join(from, file), "utf8")));
    else copyFileSync(join(from, file), target);
    files[basename(file)] = "sha384-" + createHash("sha384").update(readFileSync(target)).digest("base64");
  }
  return { name: entry.name, version, licence: license, folder: basename(folder), files };
});

writeFileSync(join("static", "vendor", "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
console.log(manifest.map(({ name, version }) => `${name} ${version}`).join("\n"));
