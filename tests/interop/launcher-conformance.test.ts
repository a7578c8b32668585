import { RealBed } from './launcher-bed.ts';
import { launcherConformance } from '../conformance/launcher.ts';

launcherConformance('the launcher of real processes', RealBed.make);
