export interface InstalledPackage {
  name: string;
  version: string;
  licence: string;
  folder: string;
}
export const STORE: string;
export function installedPackages(): Promise<InstalledPackage[]>;
