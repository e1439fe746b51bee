// Tests of the page in a browser.

import './compare';
import './controls';
import './files';
import './identical';
import './live';
import './look';
import './policies';
